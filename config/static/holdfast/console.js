// Keys for daily work. Every row that can be opened holds a link with data-open.
(() => {
  "use strict";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-open]")];

  function move(step) {
    const links = rows();
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const next = links[Math.min(links.length - 1, Math.max(0, at === -1 ? 0 : at + step))];
    next.focus();
  }

  // The line one stands on; where there is none, the page itself.
  const row = () => document.activeElement?.closest("[data-row]");
  function act(name) {
    const button = (row() ?? document.querySelector("[data-page-acts]") ?? document.querySelector("[data-row]"))?.querySelector(`[data-act=${name}]`);
    button?.click();
    return Boolean(button);
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    h: () => { window.location.href = "/admin/"; },
    b: () => { window.location.href = "/admin/book/"; },
    t: () => document.querySelector("[data-log]")?.click(),
    n: () => document.querySelector("#keep-in-touch [data-dialog*=next-step]")?.click(),
    p: () => document.querySelector("#keep-in-touch [data-dialog*=pulse]")?.click(),
    c: () => act("complete") || document.querySelector("[data-complete]")?.focus(),
    s: () => act("snooze"),
    d: () => act("delegate"),
    m: () => act("comment"),
    x: () => row()?.querySelector("input[name=ids]")?.click(),
    w: () => { window.location.href = "/admin/retention/workitem/mine/"; },
    "?": () => document.querySelector("#hf-keys")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form[data-main]");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // A refused save comes back as the form with what is wrong beside its field: it is shown, like one that was saved.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (![400, 409].includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) document.querySelector("#hf-keys")?.showModal();
  });
})();
