// Texts come from the page; nothing here knows a language.

export const facts = JSON.parse(document.getElementById("facts").textContent);

export function fill(text, params = {}) {
  return text.replace(/\{(\w+)\}/g, (slot, name) => params[name] ?? slot);
}

export function say(key, params = {}) {
  return fill(facts.words[key] ?? key, params);
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null && child !== false));
  return made;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawn = document.createElementNS(space, "svg");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  drawn.append(use);
  return drawn;
}

export function age(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  for (const [unit, size] of [["days", 86400], ["hours", 3600], ["minutes", 60]]) {
    if (seconds >= size) return say(`console.age.${unit}`, { n: Math.floor(seconds / size) });
  }
  return say("console.age.seconds", { n: seconds });
}
