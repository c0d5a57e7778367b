// What a page asked for by a script, and did not get, is done again the plain way: the server's page says why.
"use strict";

(() => {
  const plainly = (element) => {
    if (element.matches("form[hx-post]")) element.submit();
    if (element.matches("a[hx-get]")) location.assign(element.href);
  };
  const failed = (event) => plainly(event.detail.elt);
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);

  // Who was signed out meanwhile does not get that page into a line of this one.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (new URL(event.detail.xhr.responseURL || location.href).pathname === "/sign-in") {
      event.detail.shouldSwap = false;
      plainly(event.detail.requestConfig.elt);
    }
  });
})();
