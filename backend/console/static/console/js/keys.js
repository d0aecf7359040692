// Keys that a page may take for itself: none while somebody types or while a dialog stands open, and single signs only
// for whoever has not switched them off.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

const isSwitchedOff = (key) => key.length === 1 && "noLetters" in document.body.dataset;

export const isFree = (event) =>
  !(
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    typing(event.target) ||
    document.querySelector("dialog[open]") ||
    isSwitchedOff(event.key)
  );
