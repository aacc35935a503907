// Uploads of many files: each comes in pieces, goes on after a broken line or a reload, and is followed until it is an asset.

import { tell } from "./acts.js";
import { element, facts, icon, say } from "./words.js";

const PIECE = 4 * 1024 * 1024;
const AT_ONCE = 2;
const POLL_MS = 1000;
const RETRY_MS = [1000, 2000, 5000, 10000, 20000];
const PATH = "/api/v1/uploads";
const SHEETS = /\.(csv|xlsx)$/i;
const PICTURES = /\.(jpe?g|jpe|jfif|png|webp|avif|heic|heif|gif|mp4|m4v|mov|webm|mkv)$/i;
const ENDED = new Set(["taken", "refused"]);

const form = document.querySelector("[data-bring]");
const list = document.getElementById("arrivals");
const rows = new Map();
const queue = [];
let sending = 0;

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
  drop.addEventListener("drop", async (event) => { event.preventDefault(); bring(await dropped(event.dataTransfer)); });
  form.querySelector("[data-folder]").addEventListener("click", () => {
    const folder = element("input", { type: "file", webkitdirectory: true, multiple: true });
    folder.addEventListener("change", () => bring([...folder.files].filter((each) => PICTURES.test(each.name) || SHEETS.test(each.name))));
    folder.click();
  });
  window.addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
  follow();
  setInterval(follow, POLL_MS);
}

async function dropped(data) {
  const entries = [...data.items].map((each) => each.webkitGetAsEntry?.()).filter(Boolean);
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found.length ? found : [...data.files];
}

async function walk(entry, found) {
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
    let known = await resumed(localStorage.getItem(kept));
    if (!known) {
      known = await asked("POST", PATH, JSON.stringify({ name: file.name, length: file.size, batch: form.dataset.batch, replaces: form.dataset.replaces, ...meant(place) }), { "Content-Type": "application/json" }).then((answer) => answer.json());
      localStorage.setItem(kept, known.id);
    }
    merge(row, known.id);
    if (known.stage === "coming") await pieces(file, known, row);
  } catch (problem) {
    show(row, { stage: "refused", problem: { title: problem.message, cure: problem.cure ?? "" } });
  }
  localStorage.removeItem(kept);
  follow();
}

async function resumed(id) {
  if (!id) return null;
  const answer = await fetch(`${PATH}/${id}`, { headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

async function pieces(file, known, row) {
  let offset = known.offset;
  let tries = 0;
  const began = performance.now();
  const from = offset;
  while (offset < file.size) {
    if (row.cancelled) return;
    const piece = file.slice(offset, offset + PIECE);
    try {
      const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), ...(await checksum(piece)) };
      const answer = await asked("PATCH", `${PATH}/${known.id}`, piece, headers);
      offset = Number(answer.headers.get("Upload-Offset"));
      tries = 0;
    } catch (problem) {
      if (problem.status === 409 || problem.status === 460 || !problem.status) {
        if (problem.code === "content.taken-over") throw problem;
        show(row, { stage: "coming", offset, length: file.size, broken: true });
        await new Promise((done) => setTimeout(done, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]));
        tries += 1;
        const now = await resumed(known.id);
        if (now) offset = now.offset;
        continue;
      }
      throw problem;
    }
    const seconds = Math.max(0.001, (performance.now() - began) / 1000);
    show(row, { stage: "coming", offset, length: file.size, speed: (offset - from) / seconds });
  }
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
  for (const each of told.uploads) {
    if ((each.batch ?? "") !== form.dataset.batch) continue;
    const known = rows.get(each.id);
    if (!known && ENDED.has(each.stage)) continue;
    const row = known ?? addRow(each.id, each.name, each);
    if (each.stage !== "coming" || !row.sends) show(row, { ...each, left: each.ready_at ? (Date.parse(each.ready_at) - Date.parse(told.at)) / 1000 : null });
  }
}

function addRow(id, name, state) {
  if (rows.has(id)) return rows.get(id);
  const bar = element("progress", { max: 1, value: 0, "aria-label": name });
  const what = element("span", { class: "what" });
  const cancel = element("button", { type: "button" }, icon("close"), say("console.act.cancel"));
  const line = element("li", {}, element("strong", {}, name), bar, what, cancel);
  const row = { id, line, bar, what, cancel, open: true, sends: String(id).startsWith("local-") };
  cancel.addEventListener("click", () => { row.cancelled = true; asked("DELETE", `${PATH}/${row.id}`, undefined, {}).catch(() => undefined); rows.delete(row.id); line.remove(); });
  list.append(line);
  rows.set(id, row);
  show(row, { stage: "coming", offset: 0, ...state, waits: row.sends });
  return row;
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
  const ended = ENDED.has(state.stage) && row.open;
  row.what.replaceChildren(...words(row, state));
  if (!ended) return;
  row.open = false;
  document.getElementById("arrival-told").textContent = row.line.textContent;
}

function words(row, state) {
  const percent = Math.floor(100 * (state.stage === "coming" ? (state.offset ?? 0) / Math.max(1, state.length ?? 1) : state.share ?? 0));
  if (state.stage === "taken") return [icon("well"), " ", element("a", { href: `/content/${state.asset}` }, say("content.bring.taken"))];
  if (state.stage === "refused") return [`${state.problem?.title ?? ""} ${state.problem?.cure ?? ""}`];
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
