// Pressed bells: one band each over the upper half; a band once shown is only brought up to date, never rebuilt.

import { attempt, send } from "./acts.js";
import * as tone from "./tone.js";
import { element, facts, icon, say } from "./words.js";

const SETTLE_MS = 700; // a finger already on its way down must not land on a button that was not there
const REAL = "real";
const CALLING = new Set(["raised", "escalated"]);
const GONE = new Set(["closed"]);
const bands = new Map();
let incidents = new Map();

export function show(list) {
  incidents = new Map(list.filter((each) => !GONE.has(word(each.state))).map((each) => [each.id, each]));
  draw();
}

export function put(incident) {
  if (!incident.id) return;
  if (GONE.has(word(incident.state))) incidents.delete(incident.id);
  else incidents.set(incident.id, { ...incidents.get(incident.id), ...incident });
  draw();
}

// Quiet where every role of this reader is one the site keeps quiet for that bell: the pressed counter itself.
function quietHere(incident) {
  const quietRoles = incident.quiet_roles ?? [];
  return Boolean(incident.quiet_here) || (facts.roles.length > 0 && facts.roles.every((role) => quietRoles.includes(role)));
}

function word(state) { return String(state ?? "raised").toLowerCase().replace("_", "-"); }
function mode(incident) { return String(incident.mode ?? "real").toLowerCase(); }

function draw() {
  const place = document.getElementById("alarms");
  for (const [id, band] of bands) {
    if (!incidents.has(id)) { band.root.remove(); bands.delete(id); }
  }
  for (const incident of incidents.values()) {
    if (!bands.has(incident.id)) {
      const band = make(incident);
      bands.set(incident.id, band);
      place.append(band.root);
    }
    bands.get(incident.id).update(incident);
  }
  const calling = [...incidents.values()].some((each) => CALLING.has(word(each.state)) && !quietHere(each));
  if (calling) tone.repeat(facts.toneRepeat);
  else tone.stop();
}

function make(incident) {
  return quietHere(incident) ? quiet(incident) : loud(incident);
}

function quiet(incident) {
  const root = element("section", { class: "alarm quiet" }, element("p", {}, say("console.alarm.quiet", { place: place(incident) })));
  return { root, update() {} };
}

function loud(incident) {
  const title = element("h2", {}, icon("danger"), element("span", {}, ""));
  const [badge, seconds, state, note] = ["p", "p", "p", "p"].map((tag) => element(tag, { class: "facts" }));
  seconds.className = "seconds";
  const acts = element("div", { class: "pair" });
  const read = element("p", { class: "read" });
  const words = element("div", {}, badge, title, seconds, state, note, acts, read);
  const root = element("section", { class: "alarm", "data-incident": incident.id }, words, plan(incident));
  const born = performance.now() - (incident.age_s ?? 0) * 1000;
  let shownState = "";
  root.inert = true;
  setTimeout(() => { root.inert = false; }, SETTLE_MS);
  setInterval(() => { seconds.textContent = elapsed(performance.now() - born); }, 250);
  return {
    root,
    update(now) {
      const at = word(now.state);
      root.className = `alarm ${CALLING.has(at) ? "raised" : "taken"} ${mode(now)}`;
      title.lastChild.textContent = place(now);
      badge.textContent = { drill: say("console.alarm.drill-words"), test: say("console.alarm.test") }[mode(now)] ?? say("console.alarm.title");
      seconds.textContent = elapsed(performance.now() - born);
      state.textContent = stateWords(now, at);
      note.textContent = notes(now);
      read.replaceChildren(say("console.alarm.read-out"), element("strong", {}, readOut(now)));
      const shown = `${CALLING.has(at) ? "calling" : at} ${mode(now)}`;
      if (shown !== shownState) { acts.replaceChildren(...buttons(now, at)); shownState = shown; }
    },
  };
}

function place(incident) { return incident.place?.[facts.language] ?? incident.place?.ko ?? incident.bell; }

function elapsed(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 100
    ? say("console.age.elapsed", { n: seconds })
    : say("console.age.elapsed-minutes", { m: Math.floor(seconds / 60), s: seconds % 60 });
}

function stateWords(incident, at) {
  if (at === "raised") return say("console.alarm.no-responder");
  if (at === "escalated") {
    return `${say("console.alarm.no-responder")} · ${say("console.alarm.escalated", { n: incident.level ?? 1 })}`;
  }
  const who = incident.responder;
  const named = who ? ` · ${say("console.alarm.responder", { name: who })}` : "";
  return `${say(`console.alarm.${{ acknowledged: "acknowledged", "on-scene": "on-scene" }[at] ?? "ended"}`)}${named}`;
}

function notes(incident) {
  const told = [];
  if (incident.raised_at) {
    const at = new Date(incident.raised_at).toLocaleTimeString("en-GB", { timeZone: facts.zone });
    told.push(say("console.alarm.pressed-at", { time: at }));
  }
  if (incident.late_s > 2) told.push(say("console.alarm.late", { n: Math.round(incident.late_s) }));
  const presses = Array.isArray(incident.presses) ? incident.presses.length : incident.presses;
  if (presses > 1) told.push(say("console.alarm.presses", { n: presses }));
  return told.join(" · ");
}

function readOut(incident) {
  if (mode(incident) === "drill") return say("console.alarm.drill-read");
  const { address, place: name } = facts;
  return say("console.alarm.read-out-words", { address, name, place: place(incident) }).trim();
}

function plan(incident) {
  const drawn = document.querySelector(".map svg.plan")?.cloneNode(true) ?? element("div");
  for (const spot of drawn.querySelectorAll("[data-bells]")) {
    if (spot.dataset.bells.split(" ").includes(incident.bell)) spot.classList.add("pressed");
  }
  return drawn;
}

function buttons(incident, at) {
  const path = `/api/v1/incidents/${encodeURIComponent(incident.id)}`;
  const act = (name, fields = {}) => attempt(() => send("POST", `${path}/${name}`, fields, crypto.randomUUID?.() ?? ""), "");
  const toReal = mode(incident) === REAL ? [] : [button(say("console.alarm.to-real"), () => act("make-real"))];
  if (CALLING.has(at)) return [...(may("acknowledge") ? going(act) : notYours()), ...(may("make-real") ? toReal : [])];
  if (at === "acknowledged") {
    const code = asking("code", say("console.alarm.place-code"), say("console.alarm.arrived"), (value) => act("arrive", { way: "code", code: value }));
    const radio = asking("by", say("console.alarm.by-whom"), say("console.alarm.arrived-radio"), (value) => act("arrive", { way: "relay", by: value }));
    return [...(may("arrive") ? [code] : [note(say("staff.answer.not-arrive"))]), ...(may("relay") ? [radio] : [])];
  }
  if (at === "on-scene") {
    if (!may("end")) return [note(say("staff.answer.not-end"))];
    return [
      button(say("console.alarm.end-here"), () => act("end", { way: "place" }), "main"),
      asking("spoke_to", say("console.alarm.end-by"), say("console.alarm.end-remote"), (value) => act("end", { way: "remote", spoke_to: value })),
    ];
  }
  if (!may("close")) return [note(say("staff.answer.not-close"))];
  return [closing((classification, note) => act("close", { classification, note }))];
}

function may(act) { return facts.acts.includes(act); }

function note(text) { return element("p", { class: "note" }, text); }

// The first button is the one for the reader; colleagues who may answer stand beside it.
function going(act) {
  const others = facts.responders.filter((each) => each.id !== facts.person);
  const go = button(say("console.alarm.i-go"), () => act("acknowledge"), "main");
  if (!others.length) return [go];
  if (others.length <= 3) return [go, ...others.map((each) => button(say("staff.answer.hand-to", { name: each.name }), () => act("acknowledge", { responder: each.id })))];
  const choice = element("select", { "aria-label": say("staff.answer.hand-choose") },
    ...others.map((each) => element("option", { value: each.id }, each.name)));
  const send_ = button(say("staff.answer.hand-choose"), () => act("acknowledge", { responder: choice.value }));
  return [go, element("span", { class: "pair" }, choice, send_)];
}

function notYours() {
  const names = facts.responders.map((each) => each.name).join(", ");
  const told = [note(say("staff.answer.not-yours", { roles: facts.roleNames.join(" · ") })),
    note(names ? say("staff.answer.who", { names }) : say("staff.answer.nobody"))];
  if (facts.roles.includes("facility")) told.push(element("a", { class: "button", href: "/people" }, say("staff.answer.add")));
  return told;
}

function button(text, work, kind = "") {
  const made = element("button", { type: "button", class: kind }, text);
  made.addEventListener("click", async () => { made.disabled = true; await work(); made.disabled = false; });
  return made;
}

function asking(name, label, text, work) {
  const field = element("input", { name, "aria-label": label, placeholder: label, maxlength: 60, required: true });
  const form = element("form", {}, element("span", { class: "pair" }, field, element("button", { type: "submit" }, text)));
  form.addEventListener("submit", (event) => { event.preventDefault(); work(field.value); });
  return form;
}

function closing(work) {
  const kinds = { real: "real", equipment: "equipment", "false-press": "false", test: "test" };
  const choice = element("select", { "aria-label": say("console.alarm.close") },
    ...Object.entries(kinds).map(([kind, key]) => element("option", { value: kind }, say(`console.alarm.as-${key}`))));
  const note = element("input", { "aria-label": say("console.alarm.note"), placeholder: say("console.alarm.note"), maxlength: 400 });
  return element("span", { class: "pair" }, choice, note, button(say("console.alarm.close"), () => work(choice.value, note.value)));
}
