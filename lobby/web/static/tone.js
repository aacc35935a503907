// The bell's tone: two falling notes, three times, made here so that no file can be missing.

let context = null;
let confirmed = false;
let repeating = 0;

const NOTES = [[988, 0], [784, 0.22], [988, 0.5], [784, 0.72], [988, 1.0], [784, 1.22]];

export const state = () => (confirmed && context?.state === "running" ? "armed" : "muted");
export const hears = () => state() === "armed";

export async function arm() {
  context ??= new AudioContext();
  await context.resume();
  return context.state === "running";
}

export function confirm(heard) { confirmed = heard; }

export function play(volume = 0.6) {
  if (!context || context.state !== "running") return;
  const start = context.currentTime + 0.02;
  for (const [pitch, at] of NOTES) note(pitch, start + at, volume);
}

export function repeat(everySeconds) {
  if (repeating) return;
  play();
  repeating = setInterval(play, Math.min(everySeconds, 10) * 1000);
}

export function stop() {
  clearInterval(repeating);
  repeating = 0;
}

function note(pitch, at, volume) {
  const tone = new OscillatorNode(context, { type: "triangle", frequency: pitch });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume, at + 0.015);
  gain.gain.setTargetAtTime(0, at + 0.12, 0.04);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.3);
}
