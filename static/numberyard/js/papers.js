// The regulatory form, where a browser runs scripts. Without them every step works by its buttons.
"use strict";

(() => {
  // What the server said of a field, said to screen readers too.
  document.addEventListener("htmx:afterSwap", (event) => {
    const said = event.detail.target;
    const field = said.dataset && said.dataset.about && document.getElementById(said.dataset.about);
    if (!field) return;
    if (said.querySelector(".ny-bad")) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  });

  const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

  const say = (drop, text) => {
    const place = drop.querySelector(".ny-file-said");
    place.replaceChildren();
    if (!text) return;
    const line = document.createElement("p");
    line.className = "ny-said ny-bad";
    line.textContent = text;
    place.append(line);
  };

  // A look at the file before it is sent: what would be refused anyway is said at once.
  const chosen = (input) => {
    const drop = input.closest("[data-drop]");
    const preview = drop.querySelector(".ny-preview");
    const picture = preview.querySelector("img");
    if (picture.src.startsWith("blob:")) URL.revokeObjectURL(picture.src);
    preview.hidden = true;
    const file = input.files[0];
    if (!file) return say(drop, "");
    const wrong = !drop.dataset.types.split(" ").includes(file.type) ? drop.dataset.otherType
      : file.size > Number(drop.dataset.most) ? drop.dataset.tooBig : "";
    say(drop, wrong);
    if (wrong) { input.value = ""; return; }
    for (const other of drop.querySelectorAll("input[type=file]")) if (other !== input) other.value = "";
    picture.hidden = !file.type.startsWith("image/");
    if (!picture.hidden) picture.src = URL.createObjectURL(file);
    preview.querySelector("figcaption").textContent = `${file.name}, ${size(file.size)}`;
    preview.hidden = false;
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-drop] input[type=file]")) chosen(event.target);
  });

  // Dropping a file is choosing it.
  const dropOf = (event) => event.target.closest && event.target.closest("[data-drop]");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const drop = dropOf(event);
      if (!drop) return;
      event.preventDefault();
      drop.classList.toggle("ny-over", kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      const input = drop.querySelector("input[type=file]");
      input.files = event.dataTransfer.files;
      chosen(input);
    });
  }
  const hints = () => { for (const hint of document.querySelectorAll(".ny-drop-hint")) hint.hidden = false; };

  // With scripts a choice shows its form by itself.
  const buttons = () => { for (const each of document.querySelectorAll(".ny-no-script")) each.hidden = true; };

  // One press hands in once; the server would not do it twice either.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-once]")) return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
  });

  const begin = () => { hints(); buttons(); };
  begin();
  document.addEventListener("htmx:afterSettle", begin);
})();
