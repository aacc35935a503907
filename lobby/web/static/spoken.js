// Times in the words people say; `lobby/web/spoken.py` says the same, and a test compares them.

const OPEN = new Set(["open", "evening", "last-tickets"]);
const NEAREST = { "zh-hans": ["zh-hans", "zh-hant"], "zh-hant": ["zh-hant", "zh-hans"] };
const HANGUL = /[\uac00-\ud7a3]/;
const WEEKDAYS = { Mon: 0, Tue: 1, Wed: 2, Thu: 3, Fri: 4, Sat: 5, Sun: 6 };

export function speaker(words, zone) {
  const fill = (key, params = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (slot, name) => params[name] ?? slot);
  const listed = (key, index) => words[`spoken.${key}`].split(" ")[index];
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", weekday: "short", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
  });
  const local = (seconds) => {
    const parts = Object.fromEntries(format.formatToParts(new Date(seconds * 1000)).map((part) => [part.type, part.value]));
    const [year, month, day] = [parts.year, parts.month, parts.day].map(Number);
    return { year, month, day, hour: Number(parts.hour), minute: Number(parts.minute), weekday: WEEKDAYS[parts.weekday] };
  };
  const parting = words["spoken.parts"].split("|").map((row) => [Number(row.split(" ", 1)[0]), row.slice(row.indexOf(" ") + 1)]);
  const dayNumber = (at) => Date.UTC(at.year, at.month - 1, at.day) / 86400000;
  const clockWords = (at) => {
    const part = parting.find(([end]) => at.hour < end)[1];
    const minute2 = String(at.minute).padStart(2, "0");
    return fill(`spoken.time-${at.minute ? "minute" : "hour"}`, { part, hour: ((at.hour + 11) % 12) + 1, minute: at.minute, minute2 });
  };
  const dayWords = (at, today) => {
    const ahead = dayNumber(at) - dayNumber(today);
    const weekday = listed("weekdays", at.weekday);
    if (ahead === 0) return fill("spoken.day-today");
    if (ahead === 1) return fill("spoken.day-tomorrow", { weekday });
    return fill("spoken.day-date", { month: listed("months", at.month - 1), day: at.day, weekday });
  };
  return {
    fill,
    dayOf: (seconds) => dayNumber(local(seconds)),
    daysAhead: (seconds, now) => dayNumber(local(seconds)) - dayNumber(local(now)),
    clock: (seconds) => { const at = local(seconds); return `${String(at.hour).padStart(2, "0")}:${String(at.minute).padStart(2, "0")}`; },
    time: (seconds) => clockWords(local(seconds)),
    when: (seconds, now) => fill("spoken.when", { day: dayWords(local(seconds), local(now)), time: clockWords(local(seconds)) }),
    now: (seconds) => {
      const at = local(seconds);
      return fill("spoken.now", { month: listed("months", at.month - 1), day: at.day, weekday: listed("weekdays", at.weekday), time: clockWords(at) });
    },
  };
}

// A text in its reader's script or the nearest; Korean that stands inside it is a piece of its own.
export function pieces(told, language) {
  const lang = [...(NEAREST[language] ?? [language]), "en", "ko"].find((each) => told?.[each]);
  if (!lang) return [];
  const [text, korean] = [told[lang], told.ko ?? ""];
  if (lang === "ko" || !HANGUL.test(korean) || !text.includes(korean)) return [{ text, lang }];
  const at = text.indexOf(korean);
  const found = [[text.slice(0, at), lang], [korean, "ko"], [text.slice(at + korean.length), lang]];
  return found.filter(([piece]) => piece).map(([piece, script]) => ({ text: piece, lang: script }));
}

export function stateWords(say, language, state, now) {
  const key = { evening: "open", "closed-before": "not-yet" }[state.state] ?? state.state;
  const mark = { open: "open", "last-tickets": "attention", suspended: "hold", unknown: "unknown" }[key] ?? "shut";
  const reason = pieces(state.reason, language);
  const before = { text: say.fill("reason", { reason: "" }), lang: language };
  return {
    mark,
    word: say.fill(key),
    reason: reason.length ? [before, ...reason] : [],
    until: until(say, state, now),
    tickets: state.tickets && key !== "last-tickets" ? say.fill("tickets-until", { when: say.time(state.tickets) }) : "",
  };
}

function until(say, state, now) {
  if (state.state === "unknown") return "";
  const moment = state.next ?? state.until;
  if (moment === null) return say.fill(OPEN.has(state.state) ? "all-day" : "next-none");
  const params = { when: say.when(moment, now), clock: say.clock(moment) };
  if (state.state === "last-tickets") return say.fill("with-ticket", params);
  if (state.next === null) return say.fill("until", params);
  return say.fill(say.daysAhead(moment, now) < 2 ? "next" : "next-open", params);
}
