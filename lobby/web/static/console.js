// A page of the console, live: it is its own source; on a change its parts are fetched again and only those that differ are set.

import { attempt, watchForms } from "./acts.js";
import * as alarm from "./alarm.js";
import { beat, connect } from "./live.js";
import * as tone from "./tone.js";
import { age, element, facts, icon, say } from "./words.js";

const REFRESH_EVERY_MS = 1000;
const REFRESH_ANYWAY_MS = 30000;
const PREVIEW_EVERY_MS = 1000;
const ACT_SHOWS_MS = 3000;

const skew = facts.at - Date.now();
const now = () => Date.now() + skew;
let dead = false;
let refreshed = 0;
let waiting = 0;
const acts = new Map();

const line = connect({
  onSnapshot: (told) => { alarm.show(told.documents?.incidents ?? []); refreshSoon(); },
  onChange: (told) => {
    if (told.documents?.incidents) alarm.show(told.documents.incidents);
    refreshSoon();
  },
  onIncident: (told) => { alarm.put(told.incident ?? told); refreshSoon(); },
  onStale: greyOut,
  onFresh: () => { wake(); refreshSoon(); },
});
beat({ csrf: facts.csrf, hears: tone.hears });
watchForms({ dead: () => dead, refresh });
sound();
explaining();
document.querySelectorAll("[data-close]").forEach((button) => { button.hidden = false; });
setInterval(tick, 500);
setInterval(previews, PREVIEW_EVERY_MS);
setInterval(() => { if (performance.now() - refreshed > REFRESH_ANYWAY_MS) refreshSoon(); }, 5000);

function refreshSoon() {
  if (waiting) return;
  const rest = Math.max(0, REFRESH_EVERY_MS - (performance.now() - refreshed));
  waiting = setTimeout(() => { waiting = 0; refresh(); }, rest);
}

// `acted` names the part whose form has just been sent: while its act takes effect it is replaced although it is open,
// and stays open.
async function refresh(acted = "") {
  refreshed = performance.now();
  if (acted) acts.set(acted, refreshed + ACT_SHOWS_MS);
  if (dead) return;
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer) return;
  if (answer.redirected) { location.reload(); return; }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of fresh.querySelectorAll("[data-part]")) put(part, refreshed < (acts.get(part.id) ?? 0));
  document.title = fresh.title;
}

function put(part, acted) {
  const shown = document.getElementById(part.id);
  if (!shown || same(shown, part)) return;
  const busy = shown.querySelector("details[open]") || (shown.contains(document.activeElement) && document.activeElement !== document.body);
  if (busy && !acted && shown.dataset.part !== "always") return;
  const open = [...shown.querySelectorAll("details[open][id]")].map((each) => each.id);
  for (const image of part.querySelectorAll("image[data-preview]")) {
    const kept = shown.querySelector(`image[data-preview="${CSS.escape(image.dataset.preview)}"]`);
    if (kept) image.setAttribute("href", kept.getAttribute("href"));
  }
  const held = document.activeElement?.closest("details[open][id]");
  const place = held && shown.contains(held) ? [...held.querySelectorAll("summary, button")].indexOf(document.activeElement) : -1;
  shown.replaceWith(document.adoptNode(part));
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (place >= 0) document.getElementById(held.id)?.querySelectorAll("summary, button")[place]?.focus();
  part.querySelectorAll("[data-close]").forEach((button) => { button.hidden = false; });
  previews();
}

function same(shown, part) {
  const bare = (node) => {
    const copy = node.cloneNode(true);
    copy.querySelectorAll("[data-age]").forEach((each) => { each.textContent = ""; });
    copy.querySelectorAll("[name=idempotency_key]").forEach((each) => { each.remove(); });
    copy.querySelectorAll("image").forEach((each) => { each.removeAttribute("href"); });
    copy.querySelectorAll("[data-close]").forEach((each) => { each.hidden = true; });
    copy.querySelectorAll("details[open]").forEach((each) => { each.removeAttribute("open"); });
    return copy.innerHTML;
  };
  return bare(shown) === bare(part);
}

function tick() {
  if (dead) return;
  const clock = document.getElementById("clock");
  clock.textContent = new Date(now()).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: facts.zone });
  for (const each of document.querySelectorAll("[data-age]")) each.textContent = age(now() - Number(each.dataset.age));
}

function previews() {
  if (dead || document.visibilityState !== "visible") return;
  for (const source of new Set([...document.querySelectorAll("image[data-preview]")].map((each) => each.dataset.preview))) {
    const next = `${source}&t=${Math.floor(now() / PREVIEW_EVERY_MS)}`;
    const loading = new Image();
    loading.addEventListener("load", () => {
      for (const image of document.querySelectorAll(`image[data-preview="${CSS.escape(source)}"]`)) image.setAttribute("href", next);
    });
    loading.src = next;
  }
}

function greyOut(silent) {
  const box = document.getElementById("stale");
  if (!dead) {
    dead = true;
    document.documentElement.classList.add("is-stale");
    const at = new Date(now() - silent * 1000).toLocaleTimeString("en-GB", { timeZone: facts.zone });
    box.querySelector("span").textContent = `${say("console.stale.words")} ${say("console.stale.since", { time: at })}`;
    box.hidden = false;
    document.querySelectorAll("main > :not(#stale)").forEach((part) => { part.inert = true; });
    lamp(false);
  }
  box.querySelector("strong").textContent = say("console.stale.title", { age: Math.floor(silent) });
}

function wake() {
  dead = false;
  document.documentElement.classList.remove("is-stale");
  document.getElementById("stale").hidden = true;
  document.querySelectorAll("main > [inert]").forEach((part) => { part.inert = false; });
  lamp(true);
}

function lamp(live) {
  const place = document.getElementById("watching");
  if (!place) return;
  const watching = facts.bells === "watching";
  place.className = live ? "lamp on" : watching ? "lamp warn" : "lamp";
  place.dataset.bells = facts.bells;
  place.replaceChildren(icon(!live ? "unknown" : watching ? "well" : "bell"), element("span", {}, say(live ? `console.sound.${facts.bells}` : "console.sound.connecting")));
}

function sound() {
  lamp(!line.stale);
  const button = document.getElementById("sound");
  if (!button || !document.getElementById("watching") || facts.bells === "quiet") return;
  button.hidden = false;
  const show = () => {
    const armed = tone.state() === "armed";
    button.className = armed ? "lamp on" : facts.bells === "told" ? "lamp" : "lamp warn";
    button.setAttribute("aria-pressed", String(armed));
    button.replaceChildren(icon(armed ? "sound" : "mute"),
      element("span", {}, say(armed ? "console.sound.armed-test" : "console.sound.muted-test")));
  };
  show();
  button.addEventListener("click", async () => {
    await tone.arm();
    tone.play();
    ask(show);
  });
}

function ask(show) {
  const place = document.getElementById("toast");
  const yes = element("button", { type: "button" }, say("console.sound.heard"));
  const no = element("button", { type: "button" }, say("console.sound.not-heard"));
  const asked = element("p", {}, say("console.sound.tested"), yes, no);
  yes.addEventListener("click", () => { tone.confirm(true); asked.remove(); show(); });
  no.addEventListener("click", () => {
    tone.confirm(false);
    show();
    asked.replaceChildren(say("console.sound.not-heard-cure"));
    setTimeout(() => asked.remove(), 10000);
  });
  place.replaceChildren(asked);
}

function explaining() {
  const box = document.getElementById("why");
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-why]");
    if (!link) return;
    event.preventDefault();
    if (dead) return;
    await attempt(async () => {
      const answer = await fetch(link.dataset.whyFrom ?? link.getAttribute("href"), { headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (!answer.ok) throw Object.assign(new Error(told.title), { cure: told.cure });
      explain(box, link.dataset.why, told);
    }, "");
  });
}

function explain(box, name, { words }) {
  box.querySelector("h2").textContent = say("console.why.title", { name });
  const rows = [
    [say("console.why.value", words), words.until ? say("console.why.until", { time: words.until }) : ""],
    [say("console.why.winner"), [words.winner, words.source].filter(Boolean).join(" · ")],
    [say("console.why.losers"), words.losers.join(", ") || say("console.why.none")],
  ];
  box.querySelector("dl").replaceChildren(...rows.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]));
  box.showModal();
}
