// The editor of playlists: its buttons act without a new page; items can be dragged too.

import { tell } from "./acts.js";
import { say } from "./words.js";

const editor = () => document.getElementById("editor");
let dragged = null;

document.addEventListener("error", (event) => {
  const awaited = event.target.closest?.("svg.surface")?.querySelector(".awaited");
  if (awaited) awaited.textContent = awaited.dataset.failed;
}, true);
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target !== editor() || button?.name !== "do") return;
  event.preventDefault();
  act(button.value, button);
});

document.addEventListener("dragstart", (event) => {
  const item = event.target.closest?.("li.item");
  if (!item || event.target.closest("input, select, button")) return;
  dragged = item;
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const item = event.target.closest?.("li.item");
  if (!dragged || !item) return;
  event.preventDefault();
  if (item === dragged) return;
  const after = dragged.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
  item[after ? "after" : "before"](dragged);
});
document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged = null;
  renumber();
  act("look", null);
});
grips();

async function act(what, button) {
  const form = editor();
  const data = new URLSearchParams(new FormData(form));
  data.set("do", what);
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body: data, headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) {
    tell(say("console.act.failed"), { refused: true });
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("editor");
  const open = [...form.querySelectorAll("details[open]")].map((each) => each.closest("li")?.querySelector("[type=hidden]")?.value);
  form.replaceWith(document.adoptNode(fresh));
  for (const item of fresh.querySelectorAll("li.item")) {
    if (open.includes(item.querySelector("[type=hidden]").value)) item.querySelector("details").open = true;
  }
  grips();
  const touched = fresh.querySelector("li.touched");
  if (what.startsWith("add:")) {
    touched?.scrollIntoView({ block: "nearest" });
    tell(touched?.querySelector("strong").textContent ?? "");
  }
  const verb = what.split("-")[0];
  const again = touched?.querySelector(`button[value^="${verb}-"]:not(:disabled)`) ?? fresh.querySelector(`button[value="${CSS.escape(what)}"]`);
  if (button) again?.focus({ preventScroll: !what.startsWith("up") && !what.startsWith("down") });
}

function renumber() {
  editor().querySelectorAll("li.item").forEach((item, place) => {
    item.querySelectorAll("[name^='item-']").forEach((field) => { field.name = field.name.replace(/^item-\d+-/, `item-${place}-`); });
  });
}

function grips() {
  editor()?.querySelectorAll("li.item").forEach((item) => { item.draggable = true; });
}
