// The live line: one event stream, a watch on its heartbeat, and the beat that says somebody looks at this page.

const STALE_AFTER_MS = 1500;
const BEAT_EVERY_MS = 2000;
const RETRY_MS = 1000;

export function connect({ onSnapshot, onChange, onIncident, onStale, onFresh }) {
  let last = performance.now();
  let stale = false;
  let heard = false;
  let source = null;
  let opening = 0;

  const sign = (event) => {
    last = performance.now();
    heard = true;
    if (stale) { stale = false; onFresh(); }
    return event.data ? JSON.parse(event.data) : {};
  };
  const open = () => {
    opening = performance.now();
    source?.close();
    source = new EventSource("/api/v1/stream");
    source.addEventListener("snapshot", (event) => onSnapshot(sign(event)));
    source.addEventListener("change", (event) => onChange(sign(event)));
    source.addEventListener("incident", (event) => onIncident(sign(event)));
    source.addEventListener("heartbeat", sign);
  };
  open();
  const watch = setInterval(() => {
    const silent = performance.now() - last;
    if (silent > STALE_AFTER_MS) {
      stale = true;
      onStale(silent / 1000, heard);
      if (performance.now() - opening > Math.max(RETRY_MS, STALE_AFTER_MS)) open();
    }
  }, 250);
  return { close() { clearInterval(watch); source?.close(); }, get stale() { return stale; } };
}

export function beat({ csrf, hears }) {
  const id = sessionStorage.getItem("console") ?? crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  sessionStorage.setItem("console", id);
  const send = () => fetch(`/api/v1/consoles/${encodeURIComponent(id)}/heartbeat`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify({ hears: hears() }),
  }).catch(() => undefined);
  send();
  setInterval(() => { if (document.visibilityState === "visible") send(); }, BEAT_EVERY_MS);
}
