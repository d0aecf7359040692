// What is typed into a form, kept in this browser until the server has it, and offered when the page is opened again.
const TOLD = ["version", "seen", "zone"]; // by the server, with what was typed

const key = (path) => `promenade.kept.${path}`;

// Pairs of name and value; never the token of the page.
export const typed = (form) =>
  [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");

const text = (fields) => JSON.stringify(fields.filter(([name, value]) => value && !TOLD.includes(name)));

export function say(words, wrong = false) {
  const status = document.getElementById("status");
  status.textContent = words;
  status.classList.toggle("wrong-status", wrong);
}

// `sent` is a copy that is on its way: it is let go once the server says that it arrived, and not before.
export function keep(form, sent = false) {
  try {
    localStorage.setItem(key(location.pathname), JSON.stringify({ at: Date.now(), sent, fields: typed(form) }));
  } catch {
    return false;
  } // a full or forbidden store: the form itself still holds the text
  return true;
}

function read(path = location.pathname) {
  try {
    return JSON.parse(localStorage.getItem(key(path)));
  } catch {
    return null;
  }
}

export function forget(path = location.pathname) {
  try {
    localStorage.removeItem(key(path));
  } catch {
    /* a forbidden store holds nothing */
  }
}

export function arrived(path) {
  if (read(path)?.sent) forget(path);
}

export const isKept = () => read() !== null;

// Offers what is not in the form; `putBack` takes its fields.
export function offer(form, putBack) {
  const found = read();
  if (!found) return;
  if (text(found.fields) === text(typed(form))) return forget();
  const restore = document.getElementById("restore");
  const at = new Date(found.at).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  const what = found.sent ? `Your text from ${at} may not have been saved.` : `Your text from ${at} was not saved.`;
  restore.querySelector("p").textContent = `${what} It is kept in this browser.`;
  restore.hidden = false;
  restore.querySelector("[data-restore]").addEventListener("click", () => {
    restore.hidden = true;
    putBack(found.fields);
  });
  restore.querySelector("[data-forget]").addEventListener("click", () => {
    restore.hidden = true;
    forget();
  });
}
