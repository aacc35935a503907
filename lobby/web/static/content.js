// Uploads of many files: each comes in pieces, goes on after a broken line or a reload, and is followed until it is an asset.

import { tell } from "./acts.js";
import { element, facts, icon, say } from "./words.js";

const PIECE = 4 * 1024 * 1024;
const ENOUGH = 1e6;
const AT_ONCE = 2;
const POLL_MS = 1000;
const RETRY_MS = [1000, 2000, 5000, 10000, 20000];
const PATH = "/api/v1/uploads";
const SHEETS = /\.(csv|xlsx)$/i;
const JUNK = /^(\..*|thumbs\.db|desktop\.ini)$/i;
const PASSING = new Set([408, 409, 429, 460, 502, 503, 504]);
const ENDED = new Set(["taken", "refused"]);
const UNDER_WAY = new Set(["queued", "checking"]);

const form = document.querySelector("[data-bring]");
const list = document.getElementById("arrivals");
const rows = new Map();
const queue = [];
const dropped = new Set();
let sending = 0;
let counting = false;

if (form) begin();
document.querySelector("[data-sheet]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  sheet(event.target.action, event.target.elements.file.files[0]).then((well) => { if (well) location.reload(); });
});

function begin() {
  form.querySelectorAll(".scripted").forEach((each) => { each.hidden = false; });
  form.querySelectorAll(".scriptless").forEach((each) => { each.hidden = true; });
  const input = form.elements.file;
  input.multiple = true;
  form.addEventListener("submit", (event) => { event.preventDefault(); bring([...input.files]); input.value = ""; });
  const drop = form.querySelector("[data-drop]");
  for (const name of ["dragover", "dragenter"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => { event.preventDefault(); bring(await filesOf(event.dataTransfer)); });
  form.querySelector("[data-folder]").addEventListener("click", () => {
    const folder = element("input", { type: "file", webkitdirectory: true, multiple: true });
    folder.addEventListener("change", () => bring([...folder.files].filter((each) => !JUNK.test(each.name))));
    folder.click();
  });
  document.querySelector("#arrivals-sum button").addEventListener("click", clear);
  window.addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
  follow();
  setInterval(follow, POLL_MS);
}

async function filesOf(data) {
  const entries = [...data.items].map((each) => each.webkitGetAsEntry?.()).filter(Boolean);
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found.length ? found : [...data.files];
}

async function walk(entry, found) {
  if (JUNK.test(entry.name)) return;
  if (entry.isFile) { found.push(await new Promise((done, failed) => entry.file(done, failed))); return; }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return;
    for (const each of some) await walk(each, found);
  }
}

function bring(files) {
  for (const file of files.filter((each) => SHEETS.test(each.name))) {
    if (form.dataset.batch) sheet(`/api/v1/batches/${form.dataset.batch}/sheet`, file);
    else tell(say("content.bring.sheet-needs-batch"), { refused: true });
  }
  const place = form.elements.place?.value ?? "";
  for (const file of files.filter((each) => !SHEETS.test(each.name))) {
    const row = addRow(`local-${file.name}-${file.size}-${file.lastModified}`, file.name, { length: file.size });
    queue.push({ file, row, place });
  }
  next();
}

function next() {
  while (sending < AT_ONCE && queue.length) {
    sending += 1;
    send(queue.shift()).finally(() => { sending -= 1; next(); });
  }
}

async function send({ file, row, place }) {
  const kept = `upload:${form.dataset.batch}:${file.name}:${file.size}:${file.lastModified}`;
  try {
    const known = await announced(file, row, place, kept);
    if (row.cancelled) { if (known) abandon(known.id); localStorage.removeItem(kept); return; }
    merge(row, known.id);
    if (known.stage === "coming") await pieces(file, known, row);
    localStorage.removeItem(kept);
  } catch (problem) {
    if (problem.status !== 401) localStorage.removeItem(kept);
    if (!row.cancelled) show(row, { stage: "refused", problem: { title: problem.message, cure: problem.cure ?? "" } });
  }
  follow();
}

async function announced(file, row, place, kept) {
  const about = { name: file.name, length: file.size, batch: form.dataset.batch, replaces: form.dataset.replaces, ...meant(place) };
  for (let tries = 0; !row.cancelled; tries += 1) {
    try {
      const known = await resumed(localStorage.getItem(kept)) ?? await asked("POST", PATH, JSON.stringify(about), { "Content-Type": "application/json" }).then((answer) => answer.json());
      localStorage.setItem(kept, known.id);
      return known;
    } catch (problem) {
      await pause(row, file, 0, tries, problem);
    }
  }
  return null;
}

async function resumed(id) {
  if (!id) return null;
  const answer = await fetch(`${PATH}/${id}`, { headers: { Accept: "application/json" } });
  return answer.ok ? answer.json() : null;
}

async function pieces(file, known, row) {
  let { offset } = known;
  let [tries, from, began] = [0, offset, performance.now()];
  while (offset < file.size && !row.cancelled) {
    try {
      if (tries) [offset, from, began] = await goneOn(known.id, offset);
      const piece = file.slice(offset, offset + PIECE);
      const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), ...(await checksum(piece)) };
      const answer = await asked("PATCH", `${PATH}/${known.id}`, piece, headers);
      offset = Number(answer.headers.get("Upload-Offset"));
      tries = 0;
    } catch (problem) {
      await pause(row, file, offset, tries, problem);
      tries += 1;
      continue;
    }
    const seconds = Math.max(0.001, (performance.now() - began) / 1000);
    const came = offset - from;
    show(row, { stage: "coming", offset, length: file.size, speed: came >= ENOUGH ? came / seconds : null });
  }
}

async function goneOn(id, offset) {
  const now = await resumed(id);
  return [now?.offset ?? offset, now?.offset ?? offset, performance.now()];
}

// A broken line, a lobby that is just starting again and a full queue of one's own are waited for; anything else ends it.
async function pause(row, file, offset, tries, problem) {
  const full = problem.code === "content.quota" && [...rows.values()].some((each) => UNDER_WAY.has(each.stage));
  const passes = full || !problem.status || PASSING.has(problem.status);
  if (problem.code === "content.taken-over" || !passes) throw problem;
  show(row, { stage: "coming", offset, length: file.size, broken: !full, waits: full });
  await new Promise((done) => setTimeout(done, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]));
}

function abandon(id) {
  dropped.add(id);
  asked("DELETE", `${PATH}/${id}`, undefined, {}).catch(() => undefined);
}

async function checksum(piece) {
  if (!globalThis.crypto?.subtle) return {};
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await piece.arrayBuffer()));
  return { "Upload-Checksum": `sha256 ${btoa(String.fromCharCode(...digest))}` };
}

async function asked(method, path, body, headers) {
  const answer = await fetch(path, { method, body, headers: { Accept: "application/json", "X-CSRF-Token": facts.csrf, ...headers } });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(told.title ?? say("console.act.failed")), { cure: told.cure, status: answer.status, code: told.code });
}

function meant(place) {
  const [kind, id] = place.split(":");
  return id ? { [kind]: id } : {};
}

async function sheet(path, file) {
  const data = new FormData();
  data.set("csrf", facts.csrf);
  data.set("file", file);
  try {
    const told = await asked("POST", path, data, {}).then((answer) => answer.json());
    tell(say("content.bring.sheet-read", { count: told.rows }));
    return true;
  } catch (problem) {
    tell(`${problem.message} ${problem.cure ?? ""}`, { refused: true });
    return false;
  }
}

async function follow() {
  if (document.visibilityState !== "visible" || ![...rows.values()].some((row) => row.open) && rows.size) return;
  const answer = await fetch(PATH, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const told = await answer.json();
  const own = told.uploads.filter((each) => (each.batch ?? "") === form.dataset.batch && !dropped.has(each.id));
  for (const each of own) {
    const known = rows.get(each.id);
    if (!known && each.stage === "taken") continue;
    const row = known ?? addRow(each.id, each.name, each);
    if (each.stage !== "coming" || !row.sends) show(row, { ...each, left: each.ready_at ? (Date.parse(each.ready_at) - Date.parse(told.at)) / 1000 : null });
  }
  const there = new Set(own.map((each) => each.id));
  for (const row of [...rows.values()]) if (row.open && !row.sends && !there.has(row.id)) forget(row);
}

function addRow(id, name, state) {
  if (rows.has(id)) return rows.get(id);
  const bar = element("progress", { max: 1, value: 0, "aria-label": name });
  const what = element("span", { class: "what" });
  const cancel = element("button", { type: "button" }, icon("close"), say("console.act.cancel"));
  const line = element("li", {}, element("strong", {}, name), bar, what, cancel);
  const row = { id, line, bar, what, cancel, open: true, sends: String(id).startsWith("local-") };
  cancel.addEventListener("click", () => {
    row.cancelled = true;
    if (!String(row.id).startsWith("local-")) abandon(row.id);
    forget(row);
  });
  list.append(line);
  rows.set(id, row);
  show(row, { stage: "coming", offset: 0, ...state, waits: row.sends });
  return row;
}

function forget(row) {
  rows.delete(row.id);
  row.line.remove();
  count();
}

// How many of how many, above the list: what was dropped may lie below the edge of the screen.
function count() {
  if (counting) return;
  counting = true;
  requestAnimationFrame(() => { counting = false; summed(); });
}

function summed() {
  const all = [...rows.values()];
  const refused = all.filter((row) => row.stage === "refused").length;
  const taken = all.filter((row) => row.stage === "taken").length;
  const coming = all.filter((row) => row.stage === "coming" && row.sends);
  const speed = coming.reduce((sum, row) => sum + (row.speed ?? 0), 0);
  const bytes = coming.reduce((sum, row) => sum + row.length - row.offset, 0);
  const parts = [say("content.bring.sum", { all: all.length, taken })];
  if (refused) parts.push(say("content.bring.sum-refused", { count: refused }));
  if (speed && coming.length > 1) parts.push(say("content.bring.left", { time: span(bytes / speed) }));
  const line = document.getElementById("arrivals-sum");
  line.hidden = all.length < 2 && !refused;
  line.querySelector("span").textContent = parts.join(" · ");
  line.querySelector("button").hidden = taken + refused === 0;
}

function clear() {
  for (const row of [...rows.values()].filter((each) => !each.open)) {
    if (row.stage === "refused" && !String(row.id).startsWith("local-")) abandon(row.id);
    forget(row);
  }
}

function merge(row, id) {
  rows.get(id)?.line.remove();
  rows.delete(row.id);
  row.id = id;
  rows.set(id, row);
}

function show(row, state) {
  const done = state.stage === "coming" ? (state.offset ?? 0) / Math.max(1, state.length ?? 1) : state.share ?? 0;
  row.bar.value = ENDED.has(state.stage) ? 1 : done;
  row.bar.hidden = ENDED.has(state.stage);
  row.cancel.hidden = state.stage !== "coming";
  row.line.classList.toggle("refused", state.stage === "refused");
  row.line.classList.toggle("ended", ENDED.has(state.stage));
  Object.assign(row, { stage: state.stage, offset: state.offset ?? 0, length: state.length ?? 0, speed: state.speed });
  const ended = ENDED.has(state.stage) && row.open;
  row.what.replaceChildren(...words(row, state));
  if (ended) row.open = false;
  count();
  if (!ended) return;
  document.getElementById("arrival-told").textContent = row.line.textContent;
}

function words(row, state) {
  const percent = Math.floor(100 * (state.stage === "coming" ? (state.offset ?? 0) / Math.max(1, state.length ?? 1) : state.share ?? 0));
  if (state.stage === "taken") return [icon("well"), " ", element("a", { href: `/content/${state.asset}` }, state.here ?? say("content.bring.taken"))];
  if (state.stage === "refused") return [icon("danger"), ` ${state.problem?.title ?? ""} ${state.problem?.cure ?? ""}`];
  if (state.stage === "queued") return [say("content.stage.queued")];
  if (state.stage === "checking") return [say("content.stage.checking"), ` ${percent}%`, state.left ? ` · ${say("content.bring.ready-at", { time: clock(state.left) })}` : ""];
  if (state.broken) return [say("content.bring.broken", { percent })];
  if (state.waits) return [say("content.stage.queued")];
  if (!row.sends) return [say("content.bring.resume", { percent })];
  const left = state.speed ? (state.length - state.offset) / state.speed : null;
  return [`${percent}%`, state.speed ? ` · ${say("content.bring.speed", { megabytes: (state.speed / 1e6).toFixed(1) })}` : "", left ? ` · ${say("content.bring.left", { time: span(left) })}` : ""];
}

function span(seconds) {
  const whole = Math.ceil(seconds);
  return whole >= 60 ? say("content.bring.minutes", { n: Math.ceil(whole / 60) }) : say("content.bring.seconds", { n: whole });
}

function clock(left) {
  return new Date(Date.now() + left * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: facts.zone });
}
