// Counts down what the server has written: minutes and seconds until a hold runs out. Without it the page says until when.
"use strict";

(() => {
  const shown = new WeakMap();

  function tell(clock, text) {
    if (shown.get(clock) !== text) {
      clock.textContent = text;
      shown.set(clock, text);
    }
  }

  function tick() {
    for (const clock of document.querySelectorAll("[data-ends]")) {
      const left = Math.ceil((Date.parse(clock.dataset.ends) - Date.now()) / 1000);
      clock.classList.toggle("ny-late", left <= 120);
      if (left > 0) {
        tell(clock, `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
        continue;
      }
      tell(clock, clock.dataset.over);
      clock.setAttribute("role", "status");
      const row = clock.closest(".ny-in-cart");
      for (const button of row ? row.querySelectorAll("button") : []) button.disabled = true;
    }
  }

  tick();
  setInterval(tick, 1000);
})();
