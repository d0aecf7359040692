// Writing: shows the page anew as it is typed, and keeps in this browser what is not saved yet. Without it the page has
// a button that shows it.
htmx.config.attributesToSettle = ["class"]; // the page's policy refuses the style of a box that was drawn larger
const form = document.getElementById("writing");
const frame = document.getElementById("page-shown");
const restore = document.getElementById("restore");
const key = (path) => `promenade.writing.${path}`;
const own = key(location.pathname);
const unsaved = "unsaved" in form.dataset; // the server shows what was typed, and has not saved it
const asOpened = unsaved ? "" : JSON.stringify(typed());

// What is typed, as pairs of name and value; never the token of the page.
function typed() {
  return [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
}

const without = (fields) => JSON.stringify(fields.filter(([name]) => name !== "seen"));

function say(words, wrong) {
  const status = document.getElementById("status");
  status.textContent = words;
  status.classList.toggle("wrong-status", wrong);
}

function read(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}

function keep(sent = false) {
  try { localStorage.setItem(own, JSON.stringify({ at: Date.now(), sent, fields: typed() })); } catch { return false; }
  return true;
}

function kept() {
  say(keep() ? "Not saved yet. Your text is kept here." : "Not saved yet.", false);
}

function forget(name = own) {
  try { localStorage.removeItem(name); } catch { /* a forbidden store holds nothing */ }
}

form.addEventListener("input", () => {
  if (JSON.stringify(typed()) === asOpened) {
    forget();
    say("", false);
  } else {
    kept();
  }
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.getAttribute("formtarget")) return; // it only shows the page
  if (read(own)) keep(true);
});

// The page, put in place without losing where it was scrolled to.
form.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt !== form) return;
  if (!event.detail.successful) return event.detail.xhr.status || say("The connection is gone; your text is kept here.", true);
  const text = event.detail.xhr.responseText;
  const next = new DOMParser().parseFromString(text, "text/html").querySelector("main");
  const now = frame.contentDocument?.querySelector("main");
  if (next && now) now.replaceWith(frame.contentDocument.adoptNode(next));
  else frame.srcdoc = text;
});
// Sections were added, moved or removed.
form.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "sections") return;
  kept();
  htmx.trigger(form, "shown");
});

// What was typed and not saved before the page was left. The server shows it again, so that its checks hold.
function offerKept() {
  if (form.dataset.after && read(key(form.dataset.after))?.sent) forget(key(form.dataset.after)); // it arrived
  if (unsaved) return kept();
  const found = read(own);
  if (!found) return;
  const seen = found.fields.find(([name]) => name === "seen")?.[1];
  const arrived = found.sent && seen !== form.elements.namedItem("seen")?.value && form.dataset.after;
  if (arrived || without(found.fields) === without(typed())) return forget();
  const at = new Date(found.at).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  restore.querySelector("p").textContent = `What you typed here on ${at} was not saved. It is kept in this browser.`;
  restore.hidden = false;
  restore.querySelector("[data-restore]").addEventListener("click", () => putBack(found.fields));
  restore.querySelector("[data-forget]").addEventListener("click", () => { forget(); restore.hidden = true; });
}

function putBack(fields) {
  const sent = document.createElement("form");
  sent.method = "post";
  const token = ["csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value];
  for (const [name, value] of [...fields, token, ["do", "retype"]]) {
    const field = document.createElement("textarea"); // an input would lose the ends of lines
    field.name = name;
    field.value = value;
    sent.append(field);
  }
  sent.hidden = true;
  document.body.append(sent);
  sent.submit();
}

document.getElementById("show-page").hidden = true;
offerKept();
