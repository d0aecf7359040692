// The plan: arrow keys walk days and what stands on them, Enter opens, m moves, n adds; a drag moves to another day.
// Without it everything is a link or a form.
import { isFree } from "../keys.js";

const panel = document.getElementById("plan-panel");
const said = document.getElementById("plan-said");
const UNDO = 10_000; // milliseconds that a move can be taken back by its button
let from = null; // what had the focus before the panel opened
let dragged = null;
let undo = null; // the one that counts down
const begun = new Map(); // what is typed in the panel's forms and not sent: it goes along to the day that is opened next

const board = () => document.getElementById("plan-board");
const days = () => [...board().querySelectorAll("[data-day]")].filter((day) => day.offsetParent !== null);
const dayOf = (node) => node?.closest("[data-day]");
const stops = (day) => [day, ...day.querySelectorAll(".flags a, .chip, .fold")];
const current = () => board().querySelector("[tabindex='0']");

// One stop of Tab for the whole grid: the day or chip that the arrows reached last.
function start(wanted) {
  if (!board().querySelector("[role=grid]")) return;
  for (const link of board().querySelectorAll("[role=grid] a")) link.tabIndex = -1;
  for (const day of board().querySelectorAll("[data-day]")) day.tabIndex = -1;
  const first = wanted ?? board().querySelector("[aria-current=date]") ?? days()[0];
  if (first) first.tabIndex = 0;
}

function go(node) {
  if (!node) return;
  const before = current();
  if (before) before.tabIndex = -1;
  node.tabIndex = 0;
  node.focus();
}

// Down: through what stands on the day, then to the same day of the next week; up the same way back.
function vertical(here, step) {
  const day = dayOf(here);
  const own = stops(day);
  const next = own[own.indexOf(here) + step];
  if (next) return next;
  const all = [...board().querySelectorAll("[data-day]")];
  const shown = days();
  const stacked = getComputedStyle(day).display !== "table-cell";
  const other = stacked ? shown[shown.indexOf(day) + step] : all[all.indexOf(day) + 7 * step];
  return step > 0 || !other ? other : stops(other).at(-1);
}

function horizontal(here, step) {
  const shown = days();
  return shown[shown.indexOf(dayOf(here)) + step];
}

function open(address, focus) {
  if (!panel.contains(document.activeElement)) from = document.activeElement;
  return htmx.ajax("GET", address, { target: "#plan-panel", swap: "innerHTML" }).then(
    () => {
      for (const [name, value] of begun)
        for (const field of panel.querySelectorAll(`[name="${name}"]`)) field.value = value;
      (focus && panel.querySelector(focus) ? panel.querySelector(focus) : panel).focus();
    },
    () => {},
  ); // the frame says what went wrong
}

function shut() {
  const address = panel.querySelector("[data-close]")?.dataset.close;
  if (!address) return;
  panel.replaceChildren();
  history.pushState({ htmx: true }, "", address);
  (from?.isConnected ? from : current())?.focus();
}

const turn = (step) => document.querySelector(`[data-step=${step}]`)?.click();

function onKey(event) {
  if (!isFree(event) || (event.repeat && "mn".includes(event.key))) return;
  if (event.key === "Escape" && panel.firstElementChild) return shut();
  if (event.key === "m" && panel.contains(event.target)) return panel.querySelector("[data-move]")?.click();
  const here = event.target.closest("#plan-board .day, #plan-board [role=grid] a");
  const week = here?.closest("tr") && [...here.closest("tr").querySelectorAll("[data-day]")];
  const keys = here && {
    ArrowRight: () => go(horizontal(here, 1)),
    ArrowLeft: () => go(horizontal(here, -1)),
    ArrowDown: () => go(vertical(here, 1)),
    ArrowUp: () => go(vertical(here, -1)),
    Home: () => go(week[0]),
    End: () => go(week.at(-1)),
    PageDown: () => turn("later"),
    PageUp: () => turn("before"),
    m: () => move(here),
    n: () => add(dayOf(here)),
  };
  if (!here && event.key === "n") {
    event.preventDefault(); // the letter is none of the title
    return add(board().querySelector(".day:hover"));
  }
  if (here?.matches(".day") && event.key === "Enter") {
    event.preventDefault();
    return open(here.querySelector(".date").href);
  }
  if (keys?.[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
}

// The page that moves says so itself where a post has gone out.
function move(here) {
  const chip = here.closest(".chip[data-id]");
  if (chip && board().dataset.move)
    location.assign(`${addressOf("move", chip)}?next=${encodeURIComponent(board().dataset.next)}`);
}

const addressOf = (action, chip) => board().dataset[action].replace("/0/", `/${chip.dataset.id}/`);

const add = (day) =>
  day && document.getElementById("plan-add") && open(day.querySelector(".date").href, "[name=post-title]");

function drop(day) {
  const { id, seen } = dragged.dataset;
  if (day === dayOf(dragged)) return;
  htmx
    .ajax("POST", addressOf("drop", dragged), {
      target: "#plan-board",
      swap: "outerHTML",
      values: { day: day.dataset.day, seen, next: board().dataset.next },
    })
    .then(
      () => go(board().querySelector(`.chip[data-id="${id}"]`)),
      () => {},
    );
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-panel]");
  if (link) {
    event.preventDefault();
    return open(link.href);
  }
  if (event.target.closest("[data-shut]")) {
    event.preventDefault();
    return shut();
  }
  if (event.target.matches?.(".day, .day .chips, .day .head")) add(dayOf(event.target));
});
document.addEventListener("focusin", (event) => {
  const stop = event.target.closest?.("#plan-board .day, #plan-board .chip");
  if (!stop || event.target !== stop || stop === current()) return;
  const before = current();
  if (before) before.tabIndex = -1;
  stop.tabIndex = 0;
});
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".chip[draggable]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.href);
  dragged.classList.add("dragged");
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  document.querySelector(".day.over")?.classList.remove("over");
  dragged = null;
});
document.addEventListener("dragover", (event) => {
  const day = dragged && dayOf(event.target);
  document.querySelector(".day.over")?.classList.remove("over");
  if (!day) return;
  event.preventDefault();
  day.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const day = dragged && dayOf(event.target);
  if (!day) return;
  event.preventDefault();
  drop(day);
});
panel.addEventListener("input", ({ target }) => {
  if (!target.name.endsWith("-day")) begun.set(target.name, target.value);
});

function count() {
  const now = said.querySelector("[data-undo]");
  if (now && now !== undo) setTimeout(() => now.querySelector("form")?.remove(), UNDO);
  undo = now;
}
document.body.addEventListener("htmx:afterSettle", () => {
  count();
  if (!current()) start();
});

start();
count();
