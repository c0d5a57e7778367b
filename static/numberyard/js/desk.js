// The reviewer's desk by keyboard. Every key presses a button or follows a link of the page, so without this file all is
// there as before. What the page says after a verdict comes with the page itself (htmx); here only the focus follows.
"use strict";

(() => {
  const OFF = "ny-desk-keys-off"; // of this browser: WCAG 2.1.4 wants single keys to be switched off
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  const items = () => all("[data-item]");
  const badge = (item) => document.getElementById(`badge-${item.id}`);
  const isOpen = (item) => badge(item)?.dataset.verdict === "";
  const current = () => document.activeElement?.closest("[data-item]") ?? null;

  const goTo = (element) => {
    if (!element) return;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
  };
  const press = (element) => element?.click();

  const move = (steps) => {
    const there = items();
    const at = there.indexOf(current());
    goTo(there[at < 0 ? 0 : Math.min(Math.max(at + steps, 0), there.length - 1)]);
  };

  const nextOpen = (after) => {
    const there = items();
    const at = after ? there.findIndex((item) => item.id === after) : -1;
    return [...there.slice(at + 1), ...there.slice(0, at + 1)].find(isOpen);
  };

  const next = () => {
    const open = nextOpen(current()?.id);
    if (open && open !== current()) goTo(open);
    else press(one("[data-next]"));
  };

  const here = () => current() ?? nextOpen(null) ?? items()[0];

  const reject = () => {
    const folded = one("[data-reject]", here() ?? document);
    if (!folded) return;
    folded.open = true;
    one("[data-filter]", folded).focus();
  };

  const keys = {
    a: () => press(one("[data-approve]", here() ?? document)),
    c: () => press(one('[data-key="c"]')),
    d: () => goTo(one("[data-decide]") ?? one("#decide:not([hidden])")),
    j: () => move(1),
    k: () => move(-1),
    n: next,
    r: reject,
    u: () => press(one("[data-held] button")),
    "?": () => one("#keys")?.showModal(),
  };

  const isOff = () => localStorage.getItem(OFF) === "yes";
  const isWriting = (target) =>
    target.closest("textarea, select, input:not([type=radio]):not([type=checkbox]), dialog[open]") !== null;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isWriting(event.target)) return;
    const deed = keys[event.key];
    if (!deed || (isOff() && event.key !== "?")) return;
    event.preventDefault();
    deed();
  });

  // A word of the reason leaves those that have it; Enter chooses the first of them.
  const narrow = (field) => {
    const choices = field.closest("form").querySelectorAll(".ny-choices label");
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const choice of choices) {
      const fits = words.every((word) => choice.textContent.toLowerCase().includes(word));
      choice.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    one("[data-none]", field.closest("form")).hidden = shown > 0;
  };

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-filter]")) narrow(event.target);
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("[data-filter]") || !["Enter", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const first = one(".ny-choices label:not([hidden]) input", event.target.closest("form"));
    first?.focus();
    if (first && !first.checked) press(first);
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
    const toggle = event.target.closest("[data-keys-off]");
    if (toggle) localStorage.setItem(OFF, isOff() ? "no" : "yes");
    if (toggle) sayWhetherOff(toggle);
  });

  const sayWhetherOff = (toggle) => {
    toggle.setAttribute("aria-pressed", String(isOff()));
    toggle.textContent = isOff() ? "Switch the keys on" : "Switch the keys off";
  };

  // A verdict was given: to the next item without one, else to the decision. Without a session the page comes anew.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig.verb !== "post" || event.detail.serverResponse.includes('id="desk-bar"')) return;
    event.detail.shouldSwap = false;
    location.reload();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const { requestConfig, target } = event.detail;
    if (requestConfig?.verb !== "post" || !target.id.startsWith("verdict-")) return;
    const judged = target.id.slice("verdict-".length);
    const wasJudged = badge(document.getElementById(judged))?.dataset.verdict !== "";
    goTo(wasJudged ? (nextOpen(judged) ?? one("#decide")) : document.getElementById(judged));
  });

  // How long a decision can still be taken back. The server decides; this only counts along.
  const started = Date.now();
  const tick = () => {
    for (const shown of all("[data-seconds]")) {
      const left = Number(shown.dataset.seconds) - Math.floor((Date.now() - started) / 1000);
      shown.textContent = left > 0 ? `(${left} s)` : "(it takes effect now)";
      if (left < -8) shown.closest("form").remove();
    }
    const bar = one("#held");
    if (bar) bar.hidden = all("form", bar).length === 0;
  };
  if (one("[data-seconds]")) setInterval(tick, 1000);
  all("[data-keys-off]").forEach(sayWhetherOff);
})();
