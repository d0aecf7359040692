// The page beside the text: shown anew as it is typed. Without it the page has a button that shows it.
import { say } from "../kept.js";

htmx.config.attributesToSettle = ["class"]; // the page's policy refuses the style of a box that was drawn larger
const form = document.getElementById("writing");
const frame = document.getElementById("page-shown");
const GONE = {
  0: "You are offline. Your text is kept here.",
  401: "You have been signed out. Your text is kept here: sign in in another window, then reload this page.",
  403: "You have signed in again since you opened this page. Your text is kept here. Reload the page.",
};

// Put in place without losing where it was scrolled to.
form.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt !== form || !event.detail.successful) return;
  const text = event.detail.xhr.responseText;
  const next = new DOMParser().parseFromString(text, "text/html").querySelector("main");
  const now = frame.contentDocument?.querySelector("main");
  if (next && now) now.replaceWith(frame.contentDocument.adoptNode(next));
  else frame.srcdoc = text;
});
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  form.addEventListener(name, (event) => {
    if (event.detail.elt !== form) return;
    event.preventDefault(); // it is said here
    say(GONE[event.detail.xhr.status] ?? "We cannot show a preview right now. Your text is kept here.", true);
  });
}
// Sections were added, moved or removed.
form.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "sections") htmx.trigger(form, "shown");
});

document.getElementById("show-page").hidden = true;
