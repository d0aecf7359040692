// Copying text and link of a post that goes out by hand. Without it they are selected and copied as any text.
const said = document.getElementById("copied");

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).innerText.trim();
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    said.textContent = "Your browser does not allow copying. The text is selected: copy it with your keyboard.";
  }
  said.classList.remove("hidden");
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
