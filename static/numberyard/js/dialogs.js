// Opens `dialog` elements (templates/components/dialog.html) over the page. Without this file the link that opens one
// leads to a page that asks the same.
"use strict";
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.target.closest("dialog [data-close]")) {
    event.target.closest("dialog").close();
  }
});
