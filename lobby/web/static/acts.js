// Acts: forms sent as JSON, the outcome in words, ten seconds to undo what can be undone.

import { element, facts, icon, say } from "./words.js";

const UNDO_MS = 10000;
const SHOWN_MS = 10000;

export async function send(method, path, body, key = "") {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": facts.csrf };
  if (key) headers["Idempotency-Key"] = key;
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(told.title ?? say("console.act.failed")), { cure: told.cure });
  return told;
}

export function tell(text, { refused = false, undo = null } = {}) {
  const line = element("p", { class: refused ? "refused" : "" }, text);
  const end = setTimeout(() => line.remove(), undo ? UNDO_MS : SHOWN_MS);
  if (undo) {
    // The seconds are for the eye only: a reader of the screen would hear every one of them.
    const left = element("span", { class: "left", "aria-hidden": "true" }, String(UNDO_MS / 1000));
    const began = performance.now();
    const count = setInterval(() => {
      left.textContent = String(Math.max(0, Math.ceil((UNDO_MS - (performance.now() - began)) / 1000)));
      if (!line.isConnected && performance.now() - began > 1000) clearInterval(count);
    }, 250);
    const button = element("button", { type: "button" }, icon("undo"), say("console.act.undo"), left);
    button.addEventListener("click", async () => {
      clearTimeout(end);
      line.remove();
      await attempt(undo, say("console.act.undone"));
    });
    line.append(button);
  }
  document.getElementById("toast").append(line);
}

export async function attempt(work, done) {
  try {
    const undo = await work();
    if (done) tell(done, { undo: typeof undo === "function" ? undo : null });
    return true;
  } catch (problem) {
    tell(`${problem.message}. ${problem.cure ?? say("console.act.failed-cure")}`, { refused: true });
    return false;
  }
}

const doing = {
  async override(form, fields, key) {
    const made = await send("POST", form.getAttribute("action"), fields, key);
    const path = `${form.getAttribute("action")}/${encodeURIComponent(made.id)}/undo`;
    return () => send("POST", path, {});
  },
  async end(form, fields, key) {
    const told = await send("POST", form.getAttribute("action"), {}, key);
    const undo = told.undo ?? form.dataset.undo;
    return undo ? () => send("POST", undo, {}) : null;
  },
  async answer(form, fields, key) { await send("POST", form.getAttribute("action"), fields, key); },
  async plain(form, fields, key) { await send("POST", form.getAttribute("action"), {}, key); },
  async fields(form, fields, key) { await send("POST", form.getAttribute("action"), fields, key); },
  async pin(form, fields, key) { await send("PUT", `/api/v1/pins/${encodeURIComponent(fields.panel)}`, { asset: fields.asset }, key); },
  async mode(form, fields, key) {
    if (fields.mode !== "hold") delete fields.until;
    await send("POST", form.getAttribute("action"), fields, key);
  },
};

export function watchForms({ dead, refresh }) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const act = form.dataset.act;
    if (dead()) return event.preventDefault();
    if (act === "upload") { event.preventDefault(); upload(form, refresh); return undefined; }
    if (!doing[act]) return undefined;
    event.preventDefault();
    return run(form, act, event.submitter, refresh);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) event.target.closest("details").open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.pop[open]").forEach((pop) => { pop.open = false; });
  });
}

async function run(form, act, submitter, refresh) {
  const data = new FormData(form, submitter);
  const { csrf, idempotency_key: key, ...fields } = Object.fromEntries(data);
  const end = fields.until && act === "override" ? new Date(fields.until) : null;
  const clock = end?.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: facts.zone });
  const plainly = form.dataset.done ?? say(act === "mode" ? "console.act.mode" : "console.act.done");
  const done = end ? say("console.act.override", { end: clock }) : plainly;
  const part = form.closest("[data-part]")?.id;
  if (submitter) submitter.disabled = true;
  const well = await attempt(async () => {
    const undo = await doing[act](form, fields, key);
    return undo && (async () => { await undo(); await refresh(part); });
  }, done);
  if (submitter) submitter.disabled = false;
  if (well) {
    const pop = form.closest("details.pop:not(.tall)");
    if (pop) pop.open = false;
    refresh(part);
  }
}

function upload(form, refresh) {
  const [bar, outcome] = [form.querySelector("progress"), form.querySelector(".outcome")];
  const data = new FormData(form);
  const file = data.get("file");
  const title = String(data.get("name")).trim();
  if (title) data.set("file", file, title + (/\.\w+$/.exec(file.name)?.[0] ?? ""));
  const key = data.get("idempotency_key");
  const panel = form.elements.panel.selectedOptions[0]?.textContent ?? "";
  const request = new XMLHttpRequest();
  request.open("POST", form.getAttribute("action"));
  request.setRequestHeader("X-CSRF-Token", facts.csrf);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Idempotency-Key", key);
  request.upload.addEventListener("progress", (event) => {
    bar.hidden = false;
    bar.value = (event.loaded / event.total) * 100;
    outcome.textContent = say("console.upload.sending", { percent: Math.round(bar.value) });
  });
  request.upload.addEventListener("load", () => { outcome.textContent = say("console.upload.checking"); });
  request.addEventListener("loadend", () => {
    const told = parsed(request.responseText);
    bar.hidden = true;
    const well = request.status >= 200 && request.status < 300;
    if (!well) {
      outcome.textContent = `${told.title ?? say("console.act.failed")}. ${told.cure ?? say("console.act.failed-cure")}`;
      return;
    }
    tell(say(told.pinned ? "console.upload.done" : "console.upload.waits", { panel }));
    form.reset();
    outcome.textContent = "";
    form.elements.idempotency_key.value = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    form.closest("details").open = false;
    refresh(form.closest("[data-part]").id);
  });
  request.send(data);
}

function parsed(text) {
  try { return JSON.parse(text) ?? {}; } catch { return {}; }
}
