// Short forms that open over any page, save at once, say so, and can be taken back. Nothing typed is lost on an error.
(() => {
  "use strict";
  const FETCHED = { "X-Requested-With": "fetch" };
  const LOST = "The server could not be reached. Nothing is lost: try again in a moment.";
  const $ = (query, within = document) => within.querySelector(query);
  const dialog = () => $("#hf-dialog");

  // Forms: into the dialog, or into the cell they belong to.
  function put(html, place) {
    place.innerHTML = html;
    enter(place);
    const finder = $("[data-finder]", place);
    if (finder) find(finder);
  }

  // The field to begin with: the account while none is chosen, then what is wrong, then the text.
  function enter(place) {
    const wanted = ["[data-first]", "[aria-invalid=true]", "textarea", "input:checked", "input:not([type=hidden])"];
    wanted.map((query) => $(query, place)).find(Boolean)?.focus();
  }

  async function load(url, place) {
    try {
      const answer = await fetch(url, { headers: FETCHED });
      if (!answer.ok) throw new Error(String(answer.status));
      put(await answer.text(), place);
      return true;
    } catch {
      say("This form could not be opened. Reload the page and try again.");
      return false;
    }
  }

  async function open(url) {
    const box = dialog();
    if (!box) { window.location.href = url; return; }
    if (!await load(url, box)) return;
    if (!box.open) box.showModal();
    enter(box);
  }

  async function edit(button) {
    const cell = button.closest("[data-cell]");
    if (!cell || cell.dataset.editing) return;
    cell.dataset.before = cell.innerHTML;
    cell.dataset.editing = "1";
    if (!await load(button.dataset.inline, cell)) close(cell);
  }

  function close(place) {
    const alone = place.closest("[data-alone]"); // a form that is a page of its own: back to where one came from
    if (alone) { if (window.history.length > 1) window.history.back(); else window.location.href = alone.dataset.alone; return; }
    const cell = place.closest("[data-cell]");
    if (cell?.dataset.editing) {
      cell.innerHTML = cell.dataset.before;
      delete cell.dataset.editing;
      $("button", cell)?.focus();
    } else {
      place.closest("dialog")?.close();
    }
  }

  async function send(form, button) {
    const body = new FormData(form, button);
    const trouble = $("[data-trouble]", form);
    form.querySelectorAll("button").forEach((one) => { one.disabled = true; });
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: FETCHED });
      const told = answer.headers.get("Content-Type")?.includes("json");
      if (answer.ok && told) return done(form, await answer.json());
      if (told) return complain(trouble, (await answer.json()).message);
      if (answer.status === 400) return put(await answer.text(), form.parentElement);
      complain(trouble, answer.status === 403 ? "You were signed out or may not change this. Sign in in another tab, then save again." : LOST);
    } catch {
      complain(trouble, LOST);
    } finally {
      form.querySelectorAll("button").forEach((one) => { one.disabled = false; });
    }
  }

  function complain(place, text) {
    if (!place) return say(text);
    place.textContent = text;
    place.hidden = false;
  }

  async function done(form, answer) {
    const cell = form.closest("[data-cell]");
    const back = cell && `#${cell.closest("[id]").id} [data-cell=${cell.dataset.cell}] button`;
    if (cell) delete cell.dataset.editing;
    form.closest("dialog")?.close();
    say(answer.message, answer.undo, answer.undo_at);
    await refresh();
    if (back) $(back)?.focus();
  }

  // What the page shows of it: every part with data-live is replaced by what the server would send now.
  async function refresh() {
    if (!$("[data-live]")) return;
    const at = [...document.querySelectorAll("[data-row]")].indexOf(document.activeElement?.closest("[data-row]"));
    try {
      const answer = await fetch(window.location.href);
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelectorAll("[data-live]").forEach((old) => {
        if (!old.isConnected || $("[data-editing]", old)) return;
        const found = fresh.getElementById(old.id);
        const tick = $("input[name=ids]", old);
        if (tick?.checked && found) $("input[name=ids]", found).checked = true;
        if (found) old.replaceWith(found); else old.remove();
      });
      const rows = document.querySelectorAll("[data-row]");  // go on where one was, or with what follows
      if (at !== -1 && rows.length) $("[data-open]", rows[Math.min(at, rows.length - 1)])?.focus();
      countTicks();
    } catch { /* the page is a little older than it could be */ }
  }

  // The confirmation, with a way back.
  let fading;
  let usual = "";
  function say(text, undo = "", undoAt = "") {
    const toast = $("#hf-toast");
    if (!toast) return;
    $("span", toast).textContent = text;
    $("form", toast).hidden = !undo;
    usual ||= $("form", toast).action;
    $("form", toast).action = undoAt || usual;
    $("[name=undo]", toast).value = undo;
    toast.hidden = false;
    clearTimeout(fading);
    fading = setTimeout(() => { toast.hidden = true; }, undo ? 20000 : 7000);
  }

  async function undo(form) {
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: FETCHED });
      say((await answer.json()).message);
      if (answer.ok) await refresh();
    } catch {
      say(LOST);
    }
  }

  // The account field: letters in, a list out, arrows and Enter choose.
  function find(finder) {
    const [input, hidden] = finder.querySelectorAll("input");
    const list = $("ul", finder);
    let asked = 0;

    const hide = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const at = () => [...list.children].findIndex((one) => one.getAttribute("aria-selected") === "true");
    function mark(index) {
      [...list.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === index)));
      if (list.children[index]) input.setAttribute("aria-activedescendant", list.children[index].id);
    }

    async function ask() {
      const mine = ++asked;
      const answer = await fetch(`${finder.dataset.finder}?q=${encodeURIComponent(input.value)}`, { headers: FETCHED }).catch(() => null);
      if (!answer?.ok || mine !== asked) return;
      const { accounts } = await answer.json();
      list.replaceChildren(...(accounts.length ? accounts.map(option) : [nobody()]));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      if (accounts.length) mark(0);
    }
    function option(account) {
      const item = document.createElement("li");
      item.role = "option"; item.id = `log-account-${account.id}`; item.textContent = account.name; item.dataset.id = account.id;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(item); });
      return item;
    }
    function nobody() {
      const item = document.createElement("li");
      item.className = "hf-muted"; item.textContent = "No account of yours has these letters in its name.";
      return item;
    }
    async function choose(item) {
      if (!item?.dataset.id) return;
      hidden.value = item.dataset.id;
      input.value = item.textContent;
      hide();
      const form = finder.closest("form");
      const body = new FormData(form);
      body.delete("stakeholders");
      body.append("fill", "1");
      const answer = await fetch(form.action, { method: "POST", body, headers: FETCHED }).catch(() => null);
      if (answer?.ok) { put(await answer.text(), form.parentElement); }
    }

    input.addEventListener("input", () => { hidden.value = ""; ask(); });
    input.addEventListener("focus", () => { if (!hidden.value) ask(); });
    input.addEventListener("blur", hide);
    input.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        mark(Math.min(list.children.length - 1, Math.max(0, at() + (event.key === "ArrowDown" ? 1 : -1))));
      } else if (event.key === "Enter") {
        event.preventDefault();
        choose(list.children[at()]);
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        hide();
      }
    });
  }

  // Ticks of a list.
  const ticks = () => [...document.querySelectorAll("input[name=ids]")];
  const ticked = () => ticks().filter((one) => one.checked).map((one) => one.value);
  function countTicks() {
    const bar = $("#bulk-bar");
    if (!bar) return;
    const count = ticked().length;
    bar.hidden = !count;
    $("[data-count]", bar).textContent = `${count} chosen`;
    const all = $("[data-all]");
    if (all) { all.checked = count > 0 && count === ticks().length; all.indeterminate = count > 0 && !all.checked; }
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) ticks().forEach((one) => { one.checked = event.target.checked; });
    if (event.target.matches("[data-all], input[name=ids]")) countTicks();
  });
  window.addEventListener("pageshow", countTicks); // ticks come back with the page

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-quick]") && !form.closest("[data-alone]") && (dialog() || form.closest("[data-cell]"))) { event.preventDefault(); send(form, event.submitter); }
    else if (form.closest("#hf-toast")) { event.preventDefault(); undo(form); }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dialog], [data-inline], [data-log], [data-close], [data-untick], #hf-toast > button");
    if (!button || event.ctrlKey || event.metaKey) return;
    if (button.matches("[data-log]")) { event.preventDefault(); open(button.href); }
    else if (button.matches("[data-untick]")) { ticks().forEach((one) => { one.checked = false; }); countTicks(); }
    else if (button.matches("[data-bulk]")) { event.preventDefault(); open(`${button.dataset.dialog}?ids=${ticked().join(",")}`); }
    else if (button.matches("[data-dialog]")) { event.preventDefault(); open(button.dataset.dialog); }
    else if (button.matches("[data-inline]")) { event.preventDefault(); edit(button); }
    else if (button.matches("[data-close]")) close(button);
    else $("#hf-toast").hidden = true;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !event.target.closest) return;
    const cell = event.target.closest("[data-cell]");
    if (cell?.dataset.editing) { event.preventDefault(); close(cell); }
  });
})();
