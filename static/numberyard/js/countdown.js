// Counts down what the server has written: the time until a hold runs out, and when that is by the visitor's own clock.
// Without it the page says until when, in UTC.
"use strict";

(() => {
  const shown = new WeakMap();

  function tell(clock, text) {
    if (shown.get(clock) !== text) {
      clock.textContent = text;
      shown.set(clock, text);
    }
  }

  const two = (number) => String(number).padStart(2, "0");

  /** "14:46", "1:53:20". */
  function spelled(left) {
    const hours = Math.floor(left / 3600), minutes = Math.floor((left % 3600) / 60);
    return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(left % 60)}`;
  }

  function setByTheirClock() {
    const clock = new Intl.DateTimeFormat(document.documentElement.lang || "en-GB", { hour: "2-digit", minute: "2-digit" });
    for (const until of document.querySelectorAll("[data-until]")) {
      tell(until, until.dataset.words.replace("%s", clock.format(new Date(until.dataset.until))));
    }
  }

  function tick() {
    setByTheirClock();
    for (const clock of document.querySelectorAll("[data-ends]")) {
      const left = Math.ceil((Date.parse(clock.dataset.ends) - Date.now()) / 1000);
      clock.classList.toggle("ny-late", left <= 120);
      if (left > 0) {
        tell(clock, clock.dataset.left.replace("%s", spelled(left)));
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
