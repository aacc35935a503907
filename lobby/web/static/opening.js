// A desk's days, counted here: the same answers as the controller's own, so that they are right when it is gone.

const SHUT = new Set(["closed", "suspended"]);

export function opening(spells, seconds, dayOf) {
  const current = spells.find((spell) => spell.from <= seconds && seconds < spell.to);
  if (!current) return { state: "unknown", until: null, tickets: null, next: null, reason: {} };
  const later = spells.filter((spell) => spell.from > current.from);
  const shut = SHUT.has(current.value);
  const turns = later.find((spell) => SHUT.has(spell.value) !== shut)?.from ?? null;
  const opens = later.find((spell) => !SHUT.has(spell.value))?.from ?? null;
  const last = later.find((spell) => spell.value === "last-tickets" && spell.from < (turns ?? seconds))?.from ?? null;
  return {
    state: current.value === "closed" ? closedState(spells, seconds, dayOf) : current.value,
    until: current.value === "suspended" ? opens : turns,
    tickets: shut ? null : last,
    next: shut ? opens : null,
    reason: current.reason ?? {},
  };
}

function closedState(spells, seconds, dayOf) {
  const today = dayOf(seconds);
  const hours = spells.filter((spell) => spell.value !== "closed" && dayOf(spell.from) === today);
  if (hours.some((spell) => spell.from > seconds)) return "closed-before";
  return hours.length ? "closed" : "closed-today";
}
