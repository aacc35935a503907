// Notices, live: the draft is drawn again as it is typed, phrases are found while a word is typed. Without it the page works by its buttons.

const LOOK_AFTER_MS = 600;
const draft = document.getElementById("draft");
const search = document.querySelector("#pick input[type=search]");
const sheet = document.querySelector("[data-print]");
let waiting = 0;
let asking = null;

draft?.addEventListener("input", lookSoon);
if (draft && !document.querySelector("#look > *") && draft.checkValidity()) lookSoon();
search?.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const each of document.querySelectorAll(".phrases a")) each.parentElement.hidden = !words.every((word) => each.dataset.words.toLowerCase().includes(word));
});
// Setting a notice takes seconds: the button says so, and a second press does nothing.
document.addEventListener("submit", (event) => {
  const button = event.target.querySelector("button[data-busy]");
  if (!button) return;
  if (button.getAttribute("aria-busy")) return event.preventDefault();
  button.setAttribute("aria-busy", "true");
  button.textContent = button.dataset.busy;
});
if (sheet) { sheet.hidden = false; sheet.addEventListener("click", () => print()); }

function lookSoon() {
  clearTimeout(waiting);
  document.getElementById("look").classList.add("is-old");
  for (const button of document.querySelectorAll("#look button")) button.disabled = true;
  if (draft.checkValidity()) waiting = setTimeout(look, LOOK_AFTER_MS);
}

async function look() {
  asking?.abort();
  asking = new AbortController();
  const words = new URLSearchParams(new FormData(draft));
  try {
    const answer = await fetch(`/notices?${words}`, { headers: { Accept: "text/html" }, signal: asking.signal });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("look");
    const shown = document.getElementById("look");
    if (fresh) shown.replaceWith(document.adoptNode(fresh));
    history.replaceState(null, "", `/notices?${words}`);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}
