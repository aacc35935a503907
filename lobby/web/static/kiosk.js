// The visitors' page by itself: it counts the hours here, says so when news stops, and forgets whoever was here.

import { opening } from "./opening.js";
import { speaker, stateWords } from "./spoken.js";
import { guide } from "./voice.js";

const ASK_EVERY_MS = 15000;
const NEWS_OLD_MS = 45000;
const IDLE_MS = 90000;
const WARNING_S = 20;
const KEEP_EVERY_MS = 3600000;
const CALL_EVERY_MS = 3000;
const CALL_SHOWN_MS = 60000;

let facts = JSON.parse(document.getElementById("facts").textContent);
const language = facts.language;
let say = speaker(facts.words, facts.zone);
let newsAt = facts.at;
let skew = Number(localStorage.getItem("clock-skew") ?? 0);
let silent = false;
let renewed = performance.now();
const touch = document.body.classList.contains("kiosk");
const voice = touch ? guide(language, (key) => say.fill(key)) : null;

show();
learn();
setInterval(show, 1000);
setInterval(learn, ASK_EVERY_MS);
if (touch) { switches(); idle(); calling(); keep(); }

function now() { return Date.now() + skew; }

function show() {
  const seconds = Math.floor(now() / 1000);
  put(document.getElementById("clock"), say.now(seconds));
  const stopped = silent || now() - newsAt > NEWS_OLD_MS;
  document.querySelectorAll("[data-outage-only]").forEach((each) => { each.hidden = !stopped; });
  document.querySelectorAll("[data-live]").forEach((each) => { each.hidden = stopped; });
  document.querySelectorAll("[data-cafe]").forEach((each) => put(each, say.fill(`cafe-state.${stopped ? "unknown" : facts.cafe ?? "unknown"}`)));
  told(seconds);
  const line = document.getElementById("state");
  if (!line) return;
  const words = stateWords(say, language, opening(facts.desk, seconds, say.dayOf), seconds);
  if (words.mark === "unknown") words.until = say.fill("unknown-cure", { telephone: facts.telephone });
  words.notice = facts.notice && seconds < facts.notice.until ? facts.notice.text : [];
  line.className = `state state-${words.mark}`;
  line.querySelector("use").setAttribute("href", `#i-${words.mark}`);
  for (const each of line.querySelectorAll("[data-say]")) {
    put(each, words[each.dataset.say]);
    each.hidden = !words[each.dataset.say].length;
  }
  const outage = line.querySelector("[data-outage]");
  outage.hidden = !stopped;
  if (stopped) put(outage, `${say.fill("outage", { when: say.time(Math.floor(newsAt / 1000)) })} · ${say.fill("from-plan")}`);
}

// Notices on air; each leaves at its own end, also while no news comes. Beside an emergency the kiosk says nothing else.
function told(seconds) {
  const shown = (facts.told ?? []).filter((each) => seconds < each.until);
  for (const place of document.querySelectorAll("[data-told]")) {
    const urgent = place.dataset.told === "urgent";
    const whole = place.dataset.whole === "yes";
    const silenced = touch && !urgent && shown.some((each) => each.urgent);
    const rows = silenced ? [] : shown.filter((each) => each.urgent === urgent);
    fill(place, rows.slice(0, urgent || whole ? rows.length : 2), { urgent, whole });
  }
}

function fill(place, rows, { urgent, whole }) {
  const wanted = JSON.stringify(rows.map((each) => [each.text, each.more]));
  if (place.dataset.shown === wanted) return;
  place.dataset.shown = wanted;
  place.replaceChildren(...rows.map((each) => {
    const row = document.createElement("p");
    const words = document.createElement("span");
    put(words, each.text);
    if (whole && each.more.length) {
      const more = document.createElement("small");
      put(more, each.more);
      words.append(" ", more);
    }
    row.append(shape(each.mark), words);
    return row;
  }));
}

function shape(name) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  drawn.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  drawn.firstChild.setAttribute("href", `#i-${name}`);
  return drawn;
}

// A text, or its pieces each in its own script: what is not in the page's language says so.
function put(node, said) {
  const rows = typeof said === "string" ? [{ text: said, lang: language }] : said;
  if (node.textContent === rows.map((each) => each.text).join("")) return;
  node.replaceChildren(...rows.map(({ text, lang }) => {
    if (lang === language) return text;
    const piece = document.createElement("span");
    piece.lang = lang;
    piece.textContent = text;
    return piece;
  }));
}

async function learn() {
  try {
    const answer = await fetch(`/kiosk?language=${language}&fresh=${Date.now()}`, { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = JSON.parse(page.getElementById("facts").textContent);
    if (fresh.at > newsAt || !silent) {
      facts = fresh;
      say = speaker(facts.words, facts.zone);
      newsAt = fresh.at;
      skew = fresh.at - Date.now();
      localStorage.setItem("clock-skew", String(skew));
      silent = false;
      renew();
    }
  } catch {
    silent = true;
  }
  show();
}

// Once an hour the kept pages are fetched again, so that a start without the controller is at most that old.
function renew() {
  if (performance.now() - renewed < KEEP_EVERY_MS) return;
  renewed = performance.now();
  navigator.serviceWorker?.controller?.postMessage("keep");
}

function switches() {
  const chosen = new Set((sessionStorage.getItem("switches") ?? "").split(" ").filter(Boolean));
  const apply = () => {
    document.body.classList.toggle("big", chosen.has("big"));
    document.body.classList.toggle("low", chosen.has("low"));
    document.documentElement.dataset.theme = chosen.has("contrast") ? "contrast" : "light";
    document.querySelectorAll("[data-switch]").forEach((each) => each.setAttribute("aria-pressed", String(chosen.has(each.dataset.switch))));
    sessionStorage.setItem("switches", [...chosen].join(" "));
    voice.set(chosen.has("voice"));
  };
  document.querySelectorAll("[data-switch]").forEach((each) => each.addEventListener("click", () => {
    if (!chosen.delete(each.dataset.switch)) chosen.add(each.dataset.switch);
    apply();
  }));
  document.querySelector("[data-home]").addEventListener("click", forget);
  apply();
}

function forget() {
  sessionStorage.removeItem("switches");
  sessionStorage.removeItem("call");
}

function idle() {
  const box = document.getElementById("idle");
  let touched = performance.now();
  const untouched = () => location.search === "" && !sessionStorage.getItem("switches");
  const stay = () => { touched = performance.now(); box.hidden = true; };
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, stay);
  setInterval(() => {
    if (untouched()) return;
    const left = Math.ceil((IDLE_MS - (performance.now() - touched)) / 1000) + WARNING_S;
    if (left <= 0) { forget(); location.replace("/kiosk"); return; }
    const asked = box.hidden && left <= WARNING_S;
    box.hidden = left > WARNING_S;
    if (!box.hidden) put(box.querySelector("[data-seconds]"), say.fill("idle.seconds", { n: left }));
    if (asked) voice.read(box);
  }, 500);
}

function calling() {
  const form = document.getElementById("call");
  const [button, told] = [form.querySelector("button"), form.querySelector("p")];
  const answer = (text) => { button.hidden = true; told.hidden = false; put(told, text); voice.read(told); };
  const rest = () => { button.hidden = false; told.hidden = true; };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    answer(say.fill("call.sending"));
    try {
      const made = await fetch("/api/v1/assistance", {
        method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: "{}",
        signal: AbortSignal.timeout(5000),
      });
      if (made.status === 429) answer(say.fill("call.wait", { telephone: facts.telephone }));
      else if (!made.ok) throw new Error(String(made.status));
      else follow(await made.json());
    } catch {
      answer(say.fill("call.failed", { telephone: facts.telephone }));
    }
    setTimeout(rest, CALL_SHOWN_MS);
  });

  function follow(call) {
    const words = () => {
      if (call.state === "coming" && call.minutes) return say.fill("call.coming-minutes", { minutes: call.minutes });
      if (call.attended === false && call.state === "called") return say.fill("call.nobody", { telephone: facts.telephone });
      return say.fill(`call.${["seen", "coming", "done", "nobody"].includes(call.state) ? call.state : "called"}`, { telephone: facts.telephone });
    };
    answer(words());
    const asking = setInterval(async () => {
      if (told.hidden || ["done", "nobody"].includes(call.state)) { clearInterval(asking); return; }
      const heard = await fetch(`/api/v1/assistance/${encodeURIComponent(call.id)}`).catch(() => null);
      if (!heard?.ok) return;
      call = { ...call, ...(await heard.json()) };
      if (told.textContent !== words()) answer(words());
    }, CALL_EVERY_MS);
  }
}

function keep() {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/static/kiosk-worker.js", { scope: "/kiosk" }).catch(() => undefined);
}
