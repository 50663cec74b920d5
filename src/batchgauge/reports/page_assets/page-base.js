"use strict";
const DATA = JSON.parse(document.getElementById("data").textContent);
const WORDS = DATA.words;
const byId = (id) => document.getElementById(id);

function words(code, values = {}) {
  return WORDS[code].replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

function element(name, attributes = {}, text = null) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  return made;
}

function drawn(name, attributes = {}, text = null) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  return made;
}

// The same form as reports/quantities.py gives to durations.
const UNITS = [[36e6, 36e5, "h"], [6e5, 6e4, "min"], [1000, 1000, "s"]];

function duration(low, high = low) {
  const ends = [low, high].filter((end) => end !== null && end !== undefined);
  if (!ends.length) return "—";
  const greatest = Math.max(...ends.map(Math.abs));
  const [, factor, unit] = UNITS.find(([from]) => greatest >= from) ?? [0, 1, "ms"];
  const scaled = greatest / factor;
  let decimals = scaled < 10 ? 2 : scaled < 100 ? 1 : 0;
  if (unit === "ms" && ends.every(Number.isInteger)) decimals = 0;
  const number = (end) => (Number((end / factor).toFixed(decimals)) === 0 ? "0" : (end / factor).toFixed(decimals).replace("-", "−"));
  if (high === null || high === undefined) return `≥ ${number(low)} ${unit}`;
  if (low === null || low === undefined) return `≤ ${number(high)} ${unit}`;
  return number(low) === number(high) ? `${number(low)} ${unit}` : `${number(low)} – ${number(high)} ${unit}`;
}

function range(low, high) {
  return low === high ? low.toLocaleString("en") : `${low.toLocaleString("en")} – ${high.toLocaleString("en")}`;
}

function unitFor(milliseconds) {
  const [, factor, unit] = [[72e5, 36e5, "h"], [3e5, 6e4, "min"], [1000, 1000, "s"]].find(([from]) => milliseconds >= from) ?? [0, 1, "ms"];
  return { factor, unit };
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const tip = byId("tip");

function showTip(text, x, y) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = x + 16 + box.width > innerWidth ? Math.max(4, x - box.width - 12) : x + 16;
  const top = y + 16 + box.height > innerHeight ? Math.max(4, y - box.height - 12) : y + 16;
  tip.style.left = `${left}px`;
  tip.style.top = `${top}px`;
}

function hideTip() {
  tip.hidden = true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideTip();
});
addEventListener("scroll", hideTip, { passive: true });

const redraws = [];

function redraw() {
  for (const draw of redraws) draw();
}

function legend(id, entries) {
  const list = byId(id);
  list.replaceChildren(
    ...entries.map(([kind, text]) => {
      const item = element("li");
      const picture = drawn("svg", { width: 18, height: 12, "aria-hidden": "true" });
      picture.append(
        kind.startsWith("line-")
          ? drawn("line", { x1: 0, x2: 18, y1: 6, y2: 6, class: kind })
          : drawn("rect", { width: 18, height: 12, rx: 2, class: kind }),
      );
      item.append(picture, document.createTextNode(text));
      return item;
    }),
  );
}

const THEMES = ["auto", "light", "dark"];

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = words(`theme.${theme}`);
  try {
    localStorage.setItem("batchgauge-theme", theme);
  } catch {
    // A page opened from a file may have no storage: the choice then lasts as long as the page.
  }
  redraw();
}

function startTheme() {
  let theme = "auto";
  try {
    theme = localStorage.getItem("batchgauge-theme") ?? "auto";
  } catch {
    // as above
  }
  byId("theme").addEventListener("click", () => {
    setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  setTheme(THEMES.includes(theme) ? theme : "auto");
}
