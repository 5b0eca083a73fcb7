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

  // Saving an item of a checklist closes its fields for a moment, and the focus with them. The keyboard goes on to what
  // comes next, or returns to the field; meanwhile nothing that is typed counts as a key of the page.
  let pressed = null;
  let back = null;
  const saving = () => document.activeElement === document.body && document.querySelector(".hf-control fieldset:disabled");
  document.addEventListener("keydown", (event) => { pressed = event; }, true);
  document.addEventListener("pointerdown", () => { pressed = null; }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    if (!pressed || !form.matches(".hf-control")) return;
    back = form.querySelector("[id^=value-]")?.id;
    if (pressed.key !== "Tab") return;
    const side = pressed.shiftKey ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
    const all = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    const fields = [...document.querySelectorAll(all)].filter((one) => one.checkVisibility() && !one.matches(":disabled"));
    const others = fields.filter((one) => !form.contains(one) && form.compareDocumentPosition(one) & side);
    others.at(pressed.shiftKey ? -1 : 0)?.focus();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!back || saving()) return;
    if (document.activeElement === document.body) document.getElementById(back)?.focus({ preventScroll: true });
    back = null;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form[data-main]");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]") || saving()) return;
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
