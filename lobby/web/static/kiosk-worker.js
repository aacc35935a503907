// Keeps the visitors' pages, so that the kiosk starts without its controller. Fresh when it answers, kept when not.

const KEPT = "lobby-visitors-2";
const LANGUAGES = ["ko", "en", "zh-hans", "zh-hant", "ja"];
const PAGES = ["home", "map", "lifts", "desk", "cafe", "today", "playing", "help"];
const FILES = ["lobby.css", "kiosk.css", "kiosk-measure.css", "kiosk.js", "opening.js", "spoken.js", "voice.js", "lobby.svg"];
const PATIENCE_MS = 3000;

const WANTED = ["/kiosk", ...LANGUAGES.flatMap((language) => PAGES.map((page) => `/kiosk?language=${language}&page=${page}`)),
  ...FILES.map((file) => `/static/${file}`)];

async function keepAll() { await (await caches.open(KEPT)).addAll(WANTED); }

self.addEventListener("install", (event) => { event.waitUntil(keepAll()); self.skipWaiting(); });

self.addEventListener("message", (event) => event.waitUntil(keepAll().catch(() => undefined)));

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { pathname, searchParams } = new URL(event.request.url);
  if (searchParams.has("fresh")) return;
  const ours = pathname === "/kiosk" || (pathname.startsWith("/static/") && FILES.includes(pathname.slice(8)));
  if (event.request.method === "GET" && ours) event.respondWith(freshOrKept(event.request));
});

async function freshOrKept(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request);
  try {
    const answer = await fetch(request, kept ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {});
    if (answer.ok) await cache.put(request, answer.clone());
    return answer.ok || !kept ? answer : kept;
  } catch (problem) {
    if (kept) return kept;
    throw problem;
  }
}
