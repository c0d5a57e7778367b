// Forms that a passkey fills in: <form data-passkey="get|create">, with an empty field `credential`. What the device is
// asked is in the page (#passkey-options), or comes from data-options. A form that is `hidden` shows where passkeys work.
(() => {
  const isIpAddress = /^[\d.]+$|^\[/.test(location.hostname); // WebAuthn knows names only
  const works = Boolean(window.PublicKeyCredential) && window.isSecureContext && !isIpAddress;

  async function optionsOf(form) {
    const inPage = document.getElementById("passkey-options");
    if (!form.dataset.options) return JSON.parse(inPage.textContent);
    const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
    return (await answer.json()).request_options;
  }

  async function ask(form) {
    const options = await optionsOf(form);
    if (form.dataset.passkey === "get") return window.webauthnJSON.get(options);
    const alone = form.elements.passwordless && form.elements.passwordless.checked;
    const wanted = options.publicKey.authenticatorSelection;
    wanted.residentKey = alone ? "required" : "discouraged";
    wanted.requireResidentKey = Boolean(alone);
    if (alone) wanted.userVerification = "required";
    return window.webauthnJSON.create(options);
  }

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const says = form.querySelector("[data-passkey-says]");
    if (!works) {
      form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
      says.textContent = says.dataset.missing || "";
      return;
    }
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault(); // `form.submit()` below does not come here again
      says.textContent = "";
      try {
        form.elements.credential.value = JSON.stringify(await ask(form));
        form.submit();
      } catch {
        says.textContent = says.dataset.failed;
      }
    });
  });
})();
