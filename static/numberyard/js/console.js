// The theme's expressions in terms that Alpine reads without `eval`: its functions are known by name, and the three places
// that use what only a page has (`localStorage`, `window`, an arrow function) are said in words that it has.
"use strict";
document.addEventListener("alpine:init", () => {
  const functions = { theme, searchForm, searchDropdown, searchCommand };
  for (const [name, made] of Object.entries(functions)) Alpine.data(name, made);

  Alpine.data("numberyardShell", () => ({
    activeTab: "",
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",
    init() {
      const first = document.body.dataset.firstTab;
      this.activeTab = first === undefined ? "" : getCurrentTab() || first;
      this.$watch("sidebarDesktopOpen", (isOpen) => localStorage.setItem("sidebarDesktopOpen", isOpen ? "1" : "0"));
    },
    // Where a form is sent: to the page it is on, and back to its tab.
    ownPage() {
      const tab = this.activeTab && this.activeTab !== "general" ? `#${this.activeTab}` : "";
      return window.location.pathname + window.location.search + tab;
    },
  }));
  const shell = document.body;
  const first = /activeTab: '([^']*)'/.exec(shell.getAttribute("x-data") || "");
  if (first) shell.dataset.firstTab = first[1];
  shell.setAttribute("x-data", "numberyardShell");
  shell.removeAttribute("x-init");
  for (const button of document.querySelectorAll("[x-on\\:click*=localStorage]")) {
    button.setAttribute("x-on:click", "sidebarDesktopOpen = !sidebarDesktopOpen");
  }
  for (const form of document.querySelectorAll("form[x-bind\\:action*='window.']")) {
    form.setAttribute("x-bind:action", "ownPage()");
  }
});
