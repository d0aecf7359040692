// "Hold everything" in the top leads to #hold: the form stands open there.
const form = document.querySelector(".hold-form");

function open() {
  if (location.hash !== "#hold" || !form) return;
  form.open = true;
  form.querySelector("textarea").focus();
}

// The browser goes to the fragment once the page is loaded, and takes the focus along: this comes after it.
addEventListener("load", () => setTimeout(open));
addEventListener("hashchange", () => setTimeout(open));
