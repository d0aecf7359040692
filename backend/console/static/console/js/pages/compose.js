// Compose: saves as it is typed, keeps what could not be saved, and shows one text at a time. Without it the page has a
// button that saves and shows everything.
const form = document.getElementById("compose");
const restore = document.getElementById("restore");
const key = `promenade.compose.${form.dataset.content}`;
const PAUSE = 400; // milliseconds without a key before it is saved
const AGAIN = 5000; // and before it is tried again
let timer = 0;
let changes = 0; // so far, and how many of them the request on its way carries
let carried = 0;
let saving = false;
let pressed = null; // the button that waits
let shownText = "text-common";

const field = (name) => form.elements.namedItem(name);
const say = (words, wrong) => {
  const status = document.getElementById("status");
  status.textContent = words;
  status.classList.toggle("wrong-status", wrong);
};

// What is typed, as pairs of name and value; never the token of the page.
const typed = () => [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");

function keep(sent = false) {
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), sent, fields: typed() }));
  } catch { /* a full or forbidden store: the form itself still holds the text */ }
}

function forget() {
  try { localStorage.removeItem(key); } catch { /* as above */ }
}

function changed(wait = PAUSE) {
  changes += 1;
  keep();
  soon(wait);
}

function soon(wait) {
  clearTimeout(timer);
  timer = setTimeout(() => htmx.trigger(form, "autosave"), wait);
}

function lost() {
  say("Not saved: the connection is gone; your text is kept here.", true);
  soon(AGAIN);
}

form.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.requestConfig.path.endsWith("/save")) return;
  saving = true;
  carried = changes;
  say("Saving…", false);
});
form.addEventListener("htmx:sendError", lost);
form.addEventListener("htmx:timeout", lost);
form.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status < 500) return;
  say("Not saved: something went wrong here; your text is kept. We try again.", true);
  soon(AGAIN);
});
form.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.requestConfig.path.endsWith("/save")) return;
  saving = false;
  if (event.detail.successful && carried === changes) forget();
  const button = pressed;
  pressed = null;
  if (button && event.detail.successful) form.requestSubmit(button);
});
addEventListener("online", () => { if (changes) soon(0); });

// Our own pages are loaded anew only when they differ.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const now = event.detail.target;
  const next = event.detail.fragment.querySelector?.("#pages");
  if (now.id === "pages" && next && next.dataset.key === now.dataset.key) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:oobAfterSwap", () => showText(shownText));

// One text at a time.
function showText(id) {
  const chosen = document.getElementById(id);
  const usable = chosen && !(chosen.dataset.of && !isChosen(chosen.dataset.of));
  shownText = usable ? id : "text-common";
  for (const section of form.querySelectorAll(".text")) section.hidden = section.id !== shownText;
  for (const link of form.querySelectorAll("[data-text]")) {
    if (link.dataset.text === shownText) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

const isChosen = (channel) => form.querySelector(`input[data-channel="${channel}"]`)?.checked ?? false;

form.addEventListener("click", (event) => {
  const link = event.target.closest("[data-text]");
  const start = event.target.closest("[data-start-from-common]");
  if (link) {
    event.preventDefault();
    showText(link.dataset.text);
  } else if (start) {
    const text = field(`wording-${start.dataset.startFromCommon}`);
    text.value = `${field("title").value}\n\n${field("summary").value}`.trim();
    text.focus();
    changed(0);
  } else if (event.target.closest("[data-add-time]")) {
    addTime();
  } else if (event.target.closest("[data-take-theirs]")) {
    forget();
  }
});

function addTime() {
  const times = document.getElementById("times");
  const next = times.querySelector("input").cloneNode();
  next.value = "";
  next.setAttribute("aria-label", `Day and time ${times.querySelectorAll("input").length + 1}`);
  times.append(next);
  next.focus();
}

form.addEventListener("input", (event) => {
  if (event.target.matches('[type="datetime-local"]')) form.querySelector('[name="when"][value="times"]').checked = true;
  changed();
});
form.addEventListener("change", (event) => {
  if (event.target.dataset.channel) {
    for (const tab of form.querySelectorAll("[data-tab]")) tab.hidden = !isChosen(tab.dataset.tab);
    showText(event.target.checked ? `text-${event.target.dataset.channel}` : shownText);
  }
  if (!event.target.matches("input[type=text], textarea")) changed(0);
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input[type=text]")) {
    event.preventDefault(); // a line that ends is no wish to send everything
    changed(0);
  }
});
// A button waits for a save that is on its way: it would carry a version that is old by then.
form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  if (saving) {
    event.preventDefault();
    pressed = event.submitter;
  } else {
    keep(true);
  }
});

// Who else is here. Not by htmx, which would report a page that is left as an error.
async function sayHere() {
  const here = document.getElementById("presence");
  if (document.hidden) return;
  try {
    const answer = await fetch(here.dataset.address, { method: "POST", headers: { "X-CSRFToken": field("csrfmiddlewaretoken").value } });
    if (answer.ok && !answer.redirected) here.innerHTML = await answer.text();
  } catch { /* the line is broken; saving says so */ }
}

// What was typed and not saved before the page was left.
function offerKept() {
  let found;
  try { found = JSON.parse(localStorage.getItem(key)); } catch { return; }
  if (!found) return;
  const version = found.fields.find(([name]) => name === "version")?.[1];
  if (found.sent && version !== field("version").value) return forget(); // it arrived
  const now = JSON.stringify(typed().filter(([name]) => name !== "version" && name !== "seen"));
  if (JSON.stringify(found.fields.filter(([name]) => name !== "version" && name !== "seen")) === now) return forget();
  const at = new Date(found.at).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  restore.querySelector("p").textContent = `What you typed here on ${at} was not saved. It is kept in this browser.`;
  restore.hidden = false;
  restore.querySelector("[data-restore]").addEventListener("click", () => { putBack(found.fields); restore.hidden = true; });
  restore.querySelector("[data-forget]").addEventListener("click", () => { forget(); restore.hidden = true; });
}

function putBack(fields) {
  const many = ["channels", "when", "times"];
  while (form.querySelectorAll('[name="times"]').length < fields.filter(([name]) => name === "times").length) addTime();
  for (const box of form.querySelectorAll("input[type=checkbox]")) {
    box.checked = fields.some(([name, value]) => name === box.name && value === box.value);
  }
  for (const radio of form.querySelectorAll('[name="when"]')) radio.checked = fields.some(([name, value]) => name === "when" && value === radio.value);
  const times = fields.filter(([name]) => name === "times").map(([, value]) => value);
  form.querySelectorAll('[name="times"]').forEach((input, index) => { input.value = times[index] ?? ""; });
  for (const [name, value] of fields) {
    const single = field(name);
    if (single && !many.includes(name) && !name.startsWith("pictures-") && "value" in single) single.value = value;
  }
  showText(shownText);
  for (const tab of form.querySelectorAll("[data-tab]")) tab.hidden = !isChosen(tab.dataset.tab);
  changed(0);
}

for (const button of form.querySelectorAll(".by-hand")) button.hidden = true;
form.classList.add("ready");
showText(location.hash.startsWith("#text-") ? location.hash.slice(1) : location.hash.startsWith("#pictures-") ? location.hash.slice(1).replace("pictures", "text") : shownText);
offerKept();
sayHere();
setInterval(sayHere, 20000);
