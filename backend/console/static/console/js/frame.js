// What every page has: search by "/", the palette by Ctrl-K, keyboard help by "?", "g" and a letter to go somewhere,
// menus that close, the focus on an error summary, and a word where a request failed. Without it every page still works.
import { arrived } from "./kept.js";
import { isFree } from "./keys.js";

const palette = document.getElementById("palette");
const keys = document.getElementById("keys");
const words = document.getElementById("palette-words");
const found = document.getElementById("palette-found");
const told = document.querySelector("[data-told]") ?? document.getElementById("messages"); // where a page says what happened
let waiting = false; // a "g" was pressed just now
let chooses = false; // Enter was pressed before anything was found

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
  if (!isFree(event)) return;
  const place = waiting && document.querySelector(`.side [data-key="${CSS.escape(event.key)}"]`);
  if (place) return place.click();
  waiting = event.key === "g";
  if (waiting)
    setTimeout(() => {
      waiting = false;
    }, 1000);
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("search")?.focus();
  } else if (event.key === "?") {
    keys?.showModal();
  }
}

const options = () => [...found.querySelectorAll("a[role=option]")];

function select(next) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === next));
  next?.scrollIntoView({ block: "nearest" });
  if (next) words.setAttribute("aria-activedescendant", next.id);
  else words.removeAttribute("aria-activedescendant");
}

function onPaletteKey(event) {
  const all = options();
  const now = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    select(all[(now + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (all.length) all[Math.max(now, 0)].click();
    else chooses = true;
  }
}

// Whatever was found for other words is gone at once: Enter must not go there.
function onPaletteInput() {
  found.replaceChildren();
  select(null);
  chooses = false;
}

// An answer to other words than those that stand there now comes too late.
function onAnswer(event) {
  if (event.detail.requestConfig.parameters.q !== words.value) event.detail.shouldSwap = false;
}

function onFound() {
  select(options()[0]);
  if (chooses) options()[0]?.click();
  chooses = false;
}

// What htmx could not do. A page that says so itself prevents this.
function onFailure(event) {
  const { requestConfig, xhr } = event.detail;
  if (event.defaultPrevented) return;
  tell(failure(xhr.status, requestConfig.verb !== "get"));
}

function failure(status, changes) {
  const again = "Reload the page and try again.";
  if (status === 0 && changes)
    return `You lost connection before we got a reply, so this may not have been saved. Your text is kept here. ${again}`;
  if (status === 0) return "You are offline, so we cannot show this. Your text is kept here. Try again.";
  if (status === 403)
    return `Nothing was changed: you have signed in again since you opened this page, or you do not have access. ${again}`;
  if (status === 404) return "This no longer exists. Nothing was changed. Reload the page.";
  return `Something went wrong. Nothing was changed. Your text is kept here. ${again}`;
}

function tell(sentence) {
  const line = document.createElement("div");
  line.className = "message error";
  line.setAttribute("role", "alert");
  line.append(document.createElement("p"));
  line.firstChild.textContent = sentence;
  (palette?.open ? found : told).replaceChildren(line);
}

for (const each of document.querySelectorAll("[data-arrived]")) arrived(each.dataset.arrived);
document.addEventListener("keydown", onKey);
palette?.addEventListener("keydown", onPaletteKey);
words?.addEventListener("input", onPaletteInput);
found?.addEventListener("htmx:beforeSwap", onAnswer);
found?.addEventListener("htmx:afterSwap", onFound);
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "messages") detail.target = told;
});
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, onFailure);
document.querySelector("[data-keys]")?.addEventListener("click", () => keys.showModal());
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.querySelector("[data-focus]")?.focus();
