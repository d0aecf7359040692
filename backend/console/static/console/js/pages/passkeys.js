// Passkeys: asks the server for its question, the browser for the answer, and sends the form with it.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const SAID = {
  NotAllowedError: "The passkey was not used. Try again when you are ready.",
  InvalidStateError: "This device already has a passkey for you.",
  TypeError: "You are offline. Try again when you are connected.",
};

async function question(form) {
  const token = form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(form.dataset.ask, {
    method: "POST",
    headers: { "X-CSRFToken": token, Accept: "application/json" },
  });
  if (answer.redirected) {
    // the server wants something else first, and says what
    location.assign(answer.url);
    return null;
  }
  if (answer.status === 429) throw new Error(await answer.text());
  if (!answer.ok) throw new Error("The server did not reply. Reload the page.");
  const asked = await answer.json();
  asked.challenge = toBytes(asked.challenge);
  if (asked.user) asked.user.id = toBytes(asked.user.id);
  for (const each of asked.excludeCredentials ?? []) each.id = toBytes(each.id);
  return asked;
}

function plain(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = toText(credential.response[part]);
  }
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response };
}

async function onSubmit(event) {
  event.preventDefault();
  const form = event.target;
  const said = form.querySelector("[role=status]");
  if (!form.checkValidity() || (form.elements.name && !form.elements.name.value.trim())) return form.submit(); // the server says what is missing
  said.textContent = "";
  try {
    const publicKey = await question(form);
    if (!publicKey) return;
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.elements.answer.value = JSON.stringify(plain(credential));
    form.submit();
  } catch (error) {
    said.textContent =
      SAID[error.name] ??
      (error.name === "Error" ? error.message : "This device could not use the passkey. Sign in another way.");
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", onSubmit);
}
