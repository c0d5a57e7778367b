// The regulatory form, where a browser runs scripts. Without them every step works by its buttons.
"use strict";

// What the server said of a field, said to screen readers too.
document.addEventListener("htmx:afterSwap", (event) => {
  const said = event.detail.target;
  if (!said.dataset || !said.dataset.about) return;
  const field = document.getElementById(said.dataset.about);
  if (!field) return;
  if (said.classList.contains("ny-bad")) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
});
