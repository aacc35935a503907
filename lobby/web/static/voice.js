// Speaks the page in its reader's language; where this screen has no voice for it, says so in words and stays silent.

const VOICES = { ko: ["ko"], en: ["en"], "zh-hans": ["zh-cn", "zh-sg", "cmn", "zh"], "zh-hant": ["zh-tw", "cmn", "zh"], ja: ["ja"] };
// Read by rules alone, without a dictionary of Chinese signs.
const UNFIT = { ja: /espeak/i };
const CANTONESE = /^(zh-(hk|mo)|yue)/;
const BLOCKS = "p, h1, h2, h3, li, dt, dd, a, button";
const CLOCK = /\s*\(\d\d:\d\d\)/g;
const PATIENCE_MS = 1500;

// A voice of this machine itself that is fit for a language; never one of another language.
export function voiceFor(language, voices) {
  const tag = (voice) => voice.lang.toLowerCase().replace("_", "-");
  const fit = voices.filter((voice) => voice.localService && !UNFIT[language]?.test(voice.name) && !CANTONESE.test(tag(voice)));
  for (const wanted of VOICES[language] ?? []) {
    const found = fit.find((voice) => tag(voice) === wanted || tag(voice).startsWith(`${wanted}-`));
    if (found) return found;
  }
  return null;
}

// While it is on, a first touch speaks what is touched and a second one runs it.
export function guide(language, words) {
  const [told, synth] = [document.getElementById("voice"), window.speechSynthesis];
  const [line, again] = [told.querySelector("span"), told.querySelector("button")];
  let on = false;
  let able = false;
  let chosen = null;
  let byPointer = false;

  addEventListener("pointerdown", () => { byPointer = true; }, true);
  addEventListener("keydown", () => { byPointer = false; }, true);
  document.addEventListener("focusin", (event) => { if (able && !byPointer) choose(event.target.closest("a, button")); });
  document.addEventListener("click", (event) => {
    const control = event.target.closest("a, button");
    if (!able || !control || control === chosen || control.matches("[data-switch=voice], #voice button")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    choose(control);
  }, true);
  again.addEventListener("click", whole);
  addEventListener("pagehide", () => synth?.cancel());

  return { set, read: (node) => { if (able) speak([node]); } };

  async function set(wanted) {
    if (wanted === on) return;
    on = wanted;
    told.hidden = !on;
    if (!on) { able = false; synth?.cancel(); return; }
    await voices();
    if (!on) return;
    able = Boolean(synth && voiceFor(language, synth.getVoices()));
    line.textContent = words(able ? "voice.how" : "voice.none");
    again.hidden = !able;
    if (able) whole();
  }

  function whole() { speak([document.querySelector("h1"), document.querySelector("main")]); }

  function choose(control) {
    chosen = control;
    if (control) speak([control]);
  }

  function speak(nodes) {
    synth.cancel();
    const known = synth.getVoices();
    const said = nodes.flatMap(passages).map((each) => ({ ...each, voice: voiceFor(each.lang, known) }));
    line.textContent = words(said.some(({ voice }) => !voice) ? "voice.part" : "voice.how");
    for (const { text, voice } of said.filter((each) => each.voice)) {
      const utterance = new SpeechSynthesisUtterance(text);
      utterance.voice = voice;
      utterance.lang = voice.lang;
      synth.speak(utterance);
    }
  }

  function voices() {
    if (!synth || synth.getVoices().length) return undefined;
    return new Promise((done) => { synth.addEventListener("voiceschanged", done, { once: true }); setTimeout(done, PATIENCE_MS); });
  }
}

// What is seen, block by block, each piece in its own language; of a map the names of its places.
function passages(root) {
  const [found, walker] = [[], document.createTreeWalker(root, NodeFilter.SHOW_TEXT)];
  let last = null;
  while (walker.nextNode()) {
    const [text, parent] = [walker.currentNode.data.replace(CLOCK, "").replaceAll("\u200b", "").trim(), walker.currentNode.parentElement];
    if (!text || parent.closest("svg, #voice") || !(parent.checkVisibility() || parent.closest(".places"))) continue;
    const [block, lang] = [parent.closest(BLOCKS), parent.closest("[lang]").lang];
    if (last && last.block === block && last.lang === lang) last.text += ` ${text}`;
    else found.push(last = { block, lang, text });
  }
  return found.filter(({ text }) => /[\p{L}\p{N}]/u.test(text));
}
