// What every page has: search by "/", the palette by Ctrl-K, keyboard help by "?", "g" and a letter to go somewhere,
// menus that close, and the focus on an error summary. Without it every page still works.
const palette = document.getElementById("palette");
const keys = document.getElementById("keys");
const words = document.getElementById("palette-words");
const places = { t: "/console/", p: "/console/plan", w: "/console/write" };
let waiting = false; // a "g" was pressed just now

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

function openPalette() {
  palette.showModal();
  words.select();
  words.dispatchEvent(new Event("palette-open"));
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
    event.preventDefault();
    return palette.open ? palette.close() : openPalette();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (waiting && places[event.key]) return location.assign(places[event.key]);
  waiting = event.key === "g";
  if (waiting) setTimeout(() => { waiting = false; }, 1000);
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("search")?.focus();
  } else if (event.key === "?") {
    keys?.showModal();
  }
}

function onPaletteKey(event) {
  const found = [...palette.querySelectorAll("[role=option]")];
  const now = found.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = (now + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
    found.forEach((each, index) => each.setAttribute("aria-selected", String(index === next)));
    found[next]?.scrollIntoView({ block: "nearest" });
    words.setAttribute("aria-activedescendant", found[next]?.id ?? "");
  } else if (event.key === "Enter" && found.length) {
    event.preventDefault();
    (found[now] ?? found[0]).click();
  }
}

document.addEventListener("keydown", onKey);
palette?.addEventListener("keydown", onPaletteKey);
document.querySelector("[data-keys]")?.addEventListener("click", () => keys.showModal());
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
document.querySelector("[data-focus]")?.focus();
