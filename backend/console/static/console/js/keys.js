// Keys that a page may take for itself: none while somebody types, or while a dialog stands open.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

export const isFree = (event) =>
  !(event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]"));
