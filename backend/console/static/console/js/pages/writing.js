// Writing: keeps in this browser what is not saved yet, and offers it again.
import { forget, isKept, keep, offer, say, typed } from "../kept.js";

const form = document.getElementById("writing");
const unsaved = "unsaved" in form.dataset; // the server shows what was typed, and has not saved it
const asOpened = unsaved ? "" : JSON.stringify(typed(form));

function kept() {
  say(keep(form) ? "Not saved yet. Your text is kept here." : "Not saved yet.");
}

form.addEventListener("input", () => {
  if (JSON.stringify(typed(form)) === asOpened) {
    forget();
    say("");
  } else {
    kept();
  }
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.getAttribute("formtarget")) return; // it only shows the page
  if (isKept()) keep(form, true);
});
// Sections were added, moved or removed.
form.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "sections") kept();
});

// The server shows it again, so that its checks hold.
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

if (unsaved) kept();
else offer(form, putBack);
