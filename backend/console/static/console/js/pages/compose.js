// Compose: saves as it is typed, keeps what could not be saved, and shows one text at a time. Without it the page has a
// button that saves and shows everything.
import { forget, keep, offer, say } from "../kept.js";

const form = document.getElementById("compose");
const PAUSE = 400; // milliseconds without a key before it is saved
const AGAIN = 5000; // and before it is tried again
const REFUSED = {
  403: "you have signed in anew since this page was loaded, or may not write here any more.",
  404: "this is no longer there.",
  413: "this is too long.",
};
let timer = 0;
let changes = 0; // so far, and how many of them the request on its way carries
let carried = 0;
let saving = false;
let pressed = null; // the button that waits
let leaving = false; // a button sends everything just now
let shownText = "text-common";
let here = ""; // who else is here, as it was told last

const field = (name) => form.elements.namedItem(name);
const isSave = (event) => event.detail.requestConfig.path.endsWith("/save");
const zoneName = (zone) =>
  zone === "Europe/London" ? "UK time" : `${zone.split("/").pop().replaceAll("_", " ")} time`;
const halfFilled = () => [...form.querySelectorAll('[name="times"]')].filter((input) => input.validity.badInput);

function changed(wait = PAUSE) {
  changes += 1;
  leaving = false; // whoever goes on typing has stayed
  keep(form);
  soon(wait);
}

function soon(wait) {
  clearTimeout(timer);
  timer = setTimeout(() => htmx.trigger(form, "autosave"), wait);
}

function lost(event) {
  if (!isSave(event)) return;
  event.preventDefault(); // it is said here
  say("Not saved: you are offline. Your text is kept here.", true);
  soon(AGAIN);
}

form.addEventListener("htmx:beforeRequest", (event) => {
  if (!isSave(event)) return;
  if (leaving) return event.preventDefault(); // its version would be the one that the button sends
  saving = true;
  carried = changes;
  say("Saving…");
});
form.addEventListener("htmx:sendError", lost);
form.addEventListener("htmx:timeout", lost);
form.addEventListener("htmx:responseError", (event) => {
  if (!isSave(event)) return;
  event.preventDefault();
  const { status } = event.detail.xhr;
  if (status < 500) {
    return say(
      `Not saved: ${REFUSED[status] ?? "this was refused."} Your text is kept in this browser. Reload the page.`,
      true,
    );
  }
  say("Not saved: something went wrong. Your text is kept and we will try again.", true);
  soon(AGAIN);
});
form.addEventListener("htmx:afterRequest", (event) => {
  const { successful, requestConfig, xhr } = event.detail;
  if (!isSave(event)) return successful && focusPictures(requestConfig.path);
  saving = false;
  const button = pressed;
  pressed = null;
  if (!successful || xhr.status >= 300) return; // a refusal is shown, and is successful for htmx
  if (halfFilled().length)
    say(`${document.getElementById("status").textContent}, without an incomplete date and time`, true);
  if (carried === changes && !document.getElementById("text-held").firstElementChild) forget();
  if (button) form.requestSubmit(button);
  else if (requestConfig.elt !== form && document.activeElement === document.body)
    form.querySelector(".text:not([hidden])").querySelector("input, textarea").focus();
});
addEventListener("online", () => {
  if (changes) soon(0);
});

// The pictures that were asked for stand where their link had the focus.
function focusPictures(path) {
  const channel = new URL(path, location.href).searchParams.get("pictures");
  (document.querySelector(`#pictures-${channel} input`) ?? document.getElementById(`wording-${channel}`))?.focus();
}

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
    addTime().focus();
  } else if (event.target.closest("[data-take-theirs]")) {
    forget();
  }
});

function addTime() {
  const times = form.querySelector(".times");
  const next = times.querySelector("input").cloneNode();
  next.value = "";
  next.removeAttribute("id");
  next.setAttribute("aria-label", `Day and time ${times.querySelectorAll("input").length + 1}`);
  times.append(next);
  return next;
}

form.addEventListener("input", (event) => {
  if (event.target.matches('[type="datetime-local"]'))
    form.querySelector('[name="when"][value="times"]').checked = true;
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
    keep(form, true);
    leaving = true;
  }
});
// The browser sends a half-filled day and time as none; a button must not leave it out unseen.
form.addEventListener("formdata", (event) => {
  if (leaving) for (const input of halfFilled()) event.formData.append(input.name, "half filled in");
});

// Who else is here. Not by htmx, which would report a page that is left as an error.
async function sayHere() {
  const place = document.getElementById("presence");
  if (document.hidden) return;
  try {
    const answer = await fetch(place.dataset.address, {
      method: "POST",
      headers: { "X-CSRFToken": field("csrfmiddlewaretoken").value },
    });
    const now = answer.ok && !answer.redirected ? await answer.text() : here;
    if (now !== here) place.innerHTML = now; // the same again would be read out again
    here = now;
  } catch {
    /* the line is broken; saving says so */
  }
}

function putBack(fields) {
  const many = ["channels", "when", "times"];
  while (form.querySelectorAll('[name="times"]').length < fields.filter(([name]) => name === "times").length) addTime();
  for (const box of form.querySelectorAll("input[type=checkbox]")) {
    box.checked = fields.some(([name, value]) => name === box.name && value === box.value);
  }
  for (const radio of form.querySelectorAll('[name="when"]'))
    radio.checked = fields.some(([name, value]) => name === "when" && value === radio.value);
  const times = fields.filter(([name]) => name === "times").map(([, value]) => value);
  form.querySelectorAll('[name="times"]').forEach((input, index) => {
    input.value = times[index] ?? "";
  });
  for (const [name, value] of fields) {
    const single = field(name);
    if (single && !many.includes(name) && !name.startsWith("pictures-") && "value" in single) single.value = value;
  }
  form.querySelector("[data-zone]").textContent = zoneName(field("zone").value);
  showText(shownText);
  for (const tab of form.querySelectorAll("[data-tab]")) tab.hidden = !isChosen(tab.dataset.tab);
  changed(0);
}

for (const button of form.querySelectorAll(".without-script")) button.hidden = true;
form.classList.add("ready");
showText(
  location.hash.startsWith("#text-")
    ? location.hash.slice(1)
    : location.hash.startsWith("#pictures-")
      ? location.hash.slice(1).replace("pictures", "text")
      : shownText,
);
offer(form, putBack);
sayHere();
setInterval(sayHere, 20000);
