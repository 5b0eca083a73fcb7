// The condition builder: rows for the groups and comparisons of a condition, kept in step with the JSON beneath them.
// Alpine, as the theme ships it, renders the rows; the textarea is what the form sends. One tree, shown as a flat list
// of rows with a depth, so that moving, wrapping and removing are changes of the tree and nothing else.
document.addEventListener("alpine:init", () => {
  "use strict";
  const GROUPS = ["all", "any"];
  const WINDOWS = ["withinLast", "withinNext", "moreThanAgo", "moreThanAhead"];
  const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
  const FIRST = { ratio: "lessThan", money: "greaterThanInclusive", number: "greaterThanInclusive", instant: "withinLast", date: "withinLast" };
  const WAIT_MS = 350;
  let counted = 0;
  let offered = null;
  const id = () => `c${(counted += 1)}`;

  // The tree. A group holds nodes; `nots` counts the negations around a node, so that what was read is written again.
  const group = (kind, nodes = [], nots = 0, implied = false) => ({ id: id(), kind, nots, nodes, implied });
  const blank = () => ({ id: id(), kind: "leaf", nots: 0, fact: "", operator: "", value: undefined, days: null });

  class NotShown extends Error {}

  function known(source, allowed) {
    const other = Object.keys(source).find((key) => !allowed.includes(key));
    if (other) throw new NotShown(`“${other}” is not something that rows can show`);
  }

  function fromSource(source) {
    if (source === null || typeof source !== "object" || Array.isArray(source)) throw new NotShown("a comparison or a group is expected");
    if ("not" in source) {
      known(source, ["not"]);
      const inner = fromSource(source.not);
      inner.nots += 1;
      return inner;
    }
    const kind = GROUPS.find((one) => one in source);
    if (kind) {
      known(source, [kind]);
      if (!Array.isArray(source[kind])) throw new NotShown(`“${kind}” expects a list`);
      return group(kind, source[kind].map(fromSource));
    }
    known(source, ["fact", "operator", "value", "heldFor"]);
    const held = source.heldFor;
    if (held !== undefined && (held === null || typeof held !== "object" || Object.keys(held).join() !== "days")) throw new NotShown("“heldFor” expects days");
    return { ...blank(), fact: String(source.fact ?? ""), operator: String(source.operator ?? ""), value: source.value, days: held ? held.days : null };
  }

  function rootOf(source) {
    if (source === null || source === undefined) return group("all", [], 0, true);
    const node = fromSource(source);
    return node.kind === "leaf" ? group("all", [node], 0, true) : node;
  }

  function negated(node, source) {
    let found = source;
    for (let n = 0; n < node.nots; n += 1) found = { not: found };
    return found;
  }

  function toSource(node) {
    if (node.kind !== "leaf") return negated(node, { [node.kind]: node.nodes.map(toSource) });
    const found = { fact: node.fact, operator: node.operator };
    if (node.value !== undefined) found.value = node.value;
    if (node.days !== null && node.days !== "") found.heldFor = { days: node.days };
    return negated(node, found);
  }

  const isImplied = (root) => root.implied && root.kind === "all" && root.nots === 0 && root.nodes.length === 1;

  function written(root) {
    if (!root.nodes.length) return null;
    return isImplied(root) ? toSource(root.nodes[0]) : toSource(root);
  }

  // Path of a node in the JSON → its id, for problems that are told by their paths.
  function pathsOf(root) {
    const found = {};
    const walk = (node, path) => {
      let here = path;
      found[here] = node.id;
      for (let n = 0; n < node.nots; n += 1) { here += ".not"; found[here] = node.id; }
      (node.nodes || []).forEach((one, place) => walk(one, `${here}.${node.kind}[${place}]`));
    };
    walk(isImplied(root) ? root.nodes[0] : root, "$");
    return found;
  }

  function number(text) {
    const plain = String(text).trim().replace(/[−–]/g, "-").replace(/[\s_]/g, "");
    return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null;
  }

  async function offer(address) {
    offered ||= fetch(address, { headers: { "X-Requested-With": "fetch" } }).then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    });
    return offered;
  }

  window.Alpine.data("conditionBuilder", () => ({
    root: group("all", [], 0, true),
    facts: {}, list: [], operators: {}, currency: "", suggested: {},
    isReady: false, lost: "", broken: "", troubles: {}, general: [],
    finding: null, query: "", active: 0,
    effect: null, isCounting: false, effectTrouble: "",
    box: null, text: null, json: null, timer: null, asking: null, fields: null, holds: true, counts: true, heard: "",

    async init() {
      // Kept here, because an element that was just removed finds them no longer.
      this.box = this.$root;
      this.text = this.$refs.text;
      this.json = this.$refs.json;
      const { fields, holds, counts, problems } = this.box.dataset;
      this.fields = fields === undefined ? null : JSON.parse(fields);
      this.holds = holds === "yes";
      this.counts = counts === "yes";
      await this.unfolded();
      try {
        const found = await offer(this.box.dataset.factsAt);
        this.operators = found.operators;
        this.currency = found.currency;
        this.list = found.facts;
        this.facts = Object.fromEntries(found.facts.map((fact) => [fact.key, fact]));
      } catch {
        offered = null;
        this.lost = "The facts could not be loaded, so the condition can only be edited as JSON. Reload the page to try again.";
        this.json.open = true;
        return;
      }
      this.readText();
      this.isReady = true;
      this.place(JSON.parse(problems || "[]"));
      if (!this.broken) this.count();
    },

    // What is folded away is neither drawn nor counted: a page may hold dozens of conditions.
    async unfolded() {
      for (let fold; (fold = this.box.closest("details:not([open])")); ) await new Promise((done) => fold.addEventListener("toggle", done, { once: true }));
    },

    // Text and tree
    readText() {
      const typed = this.text.value.trim();
      try {
        this.root = rootOf(typed ? JSON.parse(typed) : null);
        this.broken = "";
      } catch (error) {
        this.broken = error instanceof NotShown ? `This cannot be shown as rows: ${error.message}.` : "This is not JSON yet.";
        this.json.open = true;
      }
    },
    typedText() {
      this.readText();
      this.troubles = {};
      this.general = [];
      if (!this.broken) this.later();
    },
    changed() {
      const source = written(this.root);
      this.text.value = source === null ? "" : JSON.stringify(source, null, 2);
      this.text.dispatchEvent(new Event("change", { bubbles: true }));
      this.later();
    },

    // Rows: what stands where, and how it is called
    get rows() {
      const found = [];
      const walk = (node, parent, place, depth, name) => {
        found.push({ key: node.id, node, parent, place, depth, name, kind: node.kind === "leaf" ? "leaf" : "group" });
        if (node.kind === "leaf") return;
        const numbers = { comparison: 0, group: 0 };
        node.nodes.forEach((one, n) => {
          const noun = one.kind === "leaf" ? "comparison" : "group";
          numbers[noun] += 1;
          const ordinal = ORDINALS[numbers[noun] - 1] || `${numbers[noun]}th`;
          walk(one, node, n, depth + 1, parent ? `${ordinal} ${noun} of the ${name}` : `${ordinal} ${noun}`);
        });
        found.push({ key: `${node.id}-end`, node, parent, place, depth: depth + 1, name, kind: "end" });
      };
      walk(this.root, null, 0, 0, "whole condition");
      return found;
    },
    rowOf(node) { return this.rows.find((row) => row.node.id === node.id && row.kind !== "end"); },
    mode(node) { return `${node.nots % 2 ? "not-" : ""}${node.kind}`; },
    setMode(node, mode) {
      node.kind = mode.replace("not-", "");
      if ((node.nots % 2 === 1) !== mode.startsWith("not-")) node.nots = mode.startsWith("not-") ? 1 : 0;
      this.changed();
    },
    toggleNot(node) { node.nots = node.nots % 2 ? 0 : 1; this.changed(); },

    // Facts, operators, values
    factOf(node) { return this.facts[node.fact]; },
    typeOf(node) { return this.fields ? "untyped" : this.factOf(node)?.type || ""; },
    labelOf(node) { return this.fields ? node.fact : this.factOf(node)?.label || node.fact; },
    hint(node) {
      const fact = this.factOf(node);
      if (!fact) return node.fact && !this.fields ? "This fact is not there any more; choose another one." : "";
      return `${fact.meaning} Source: ${fact.source}. Use: ${fact.use}.`;
    },
    operatorsOf(node) {
      const found = this.operators[this.typeOf(node)] || [];
      return !node.operator || found.some((one) => one.name === node.operator) ? found : [...found, { name: node.operator, words: node.operator, family: "" }];
    },
    familyOf(node) { return this.operatorsOf(node).find((one) => one.name === node.operator)?.family || ""; },
    // How the value is typed: none, days, list, yesno, date, instant, percent, money, number, choice, text.
    input(node) {
      const family = this.familyOf(node), type = this.typeOf(node);
      if (!node.operator || family === "knowledge") return "none";
      if (WINDOWS.includes(node.operator)) return "days";
      if (family === "membership") return "list";
      if (type === "untyped") return typeof node.value === "boolean" ? "yesno" : typeof node.value === "number" ? "number" : "text";
      return this.single(node);
    },
    single(node) {
      const plain = { boolean: "yesno", date: "date", instant: "instant", ratio: "percent", money: "money", number: "number", integer: "number", number_list: "number" };
      return plain[this.typeOf(node)] || (this.choicesOf(node).length ? "choice" : "text");
    },
    choicesOf(node) { return this.factOf(node)?.choices || []; },
    unit(node) {
      const input = this.input(node), fact = this.factOf(node);
      return { days: "days", percent: "%", money: this.currency, instant: "UTC" }[input] || (input === "number" && fact ? fact.unit : "");
    },
    chooseFact(node, fact) {
      const before = this.input(node);
      node.fact = fact.key;
      const names = this.operatorsOf({ ...node, operator: "" }).map((one) => one.name);
      if (!names.includes(node.operator)) node.operator = FIRST[fact.type] || names[0];
      if (this.input(node) !== before || ["choice", "list"].includes(before)) this.resetValue(node);
      this.close();
      this.changed();
      this.focus(node, "operator");
    },
    chooseOperator(node, name) {
      const before = this.input(node);
      node.operator = name;
      if (this.input(node) !== before || node.value === undefined) this.resetValue(node);
      this.changed();
    },
    resetValue(node) {
      const empty = { none: undefined, days: undefined, list: [], yesno: true };
      const input = this.input(node);
      node.value = input in empty ? empty[input] : undefined;
    },
    shown(node) {
      const value = node.value;
      switch (this.input(node)) {
        case "days": return value && typeof value === "object" ? value.days ?? "" : value ?? "";
        case "percent": return typeof value === "number" ? Number((value * 100).toPrecision(12)) : value ?? "";
        case "yesno": return value === true ? "yes" : value === false ? "no" : "";
        case "instant": return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString().slice(0, 16) : "";
        default: return value ?? "";
      }
    },
    setValue(node, typed) {
      node.value = this.read(this.input(node), typed, node);
      this.changed();
    },
    read(input, typed, node) {
      if (typed === "" && input !== "text") return undefined;
      if (input === "days") return { days: number(typed) ?? typed };
      if (input === "percent") { const found = number(String(typed).replace("%", "")); return found === null ? typed : Number((found / 100).toPrecision(12)); }
      if (input === "money" || input === "number") return number(String(typed).replace(/,/g, "")) ?? typed;
      if (input === "yesno") return typed === "yes";
      if (input === "instant") return `${typed.length === 16 ? `${typed}:00` : typed}Z`;
      return typed;
    },
    setKindOfValue(node, kind) {
      const text = node.value === undefined || typeof node.value === "object" ? "" : String(node.value);
      node.value = kind === "yesno" ? true : kind === "number" ? number(text) ?? 0 : text;
      this.changed();
    },
    nameOfItem(node, item) {
      const choice = this.choicesOf(node).find(([value]) => value === item);
      if (choice) return choice[1];
      return this.single(node) === "percent" && typeof item === "number" ? `${Number((item * 100).toPrecision(12))} %` : String(item);
    },
    addItem(node, typed) {
      const kind = this.typeOf(node) === "untyped" ? (number(typed) === null ? "text" : "number") : this.single(node);
      const item = String(typed).trim() === "" ? undefined : this.read(kind, String(typed).trim(), node);
      const items = Array.isArray(node.value) ? node.value : [];
      if (item === undefined || items.includes(item)) return;
      node.value = [...items, item];
      this.changed();
    },
    dropItem(node, place) { node.value = node.value.filter((_, n) => n !== place); this.changed(); },
    toggleHeld(node) { node.days = node.days === null ? 7 : null; this.changed(); },
    setHeld(node, typed) { node.days = number(typed) ?? typed; this.changed(); },
    async suggest(node) {
      if (this.fields || this.suggested[node.fact] || this.single(node) !== "text" || this.typeOf(node) !== "text") return;
      this.suggested[node.fact] = [];
      try {
        const answer = await fetch(`${this.box.dataset.valuesAt}?fact=${encodeURIComponent(node.fact)}`, { headers: { "X-Requested-With": "fetch" } });
        if (answer.ok) this.suggested[node.fact] = (await answer.json()).values;
      } catch { /* suggestions are a help, not needed to go on */ }
    },

    // Adding, removing, moving, wrapping
    add(to, at = to.nodes.length) {
      to.nodes.splice(at, 0, blank());
      const node = to.nodes[at];
      this.changed();
      this.say(`A comparison was added.`);
      this.focus(node, "fact");
    },
    addGroup(to) {
      const kind = to.kind === "all" ? "any" : "all";
      to.nodes.push(group(kind, [blank()]));
      this.changed();
      this.say("A group was added.");
      this.focus(to.nodes.at(-1).nodes[0], "fact");
    },
    remove(row) {
      if (!row.parent) { row.node.nodes = []; this.changed(); return this.say("Everything was removed."); }
      row.parent.nodes.splice(row.place, 1);
      this.changed();
      this.say(`The ${row.name} was removed.`);
      const next = row.parent.nodes[Math.min(row.place, row.parent.nodes.length - 1)];
      if (next) this.focus(next, next.kind === "leaf" ? "fact" : "mode");
      else this.focus(row.parent, "add");
    },
    wrap(row) {
      const inside = row.parent.nodes[row.place];
      row.parent.nodes.splice(row.place, 1, group(row.parent.kind === "all" ? "any" : "all", [inside]));
      this.changed();
      this.say(`The ${row.name} is in a group of its own now.`);
      this.focus(row.parent.nodes[row.place], "mode");
    },
    unwrap(row) {
      row.parent.nodes.splice(row.place, 1, ...row.node.nodes);
      this.changed();
      this.say(`The ${row.name} was dissolved.`);
      const first = row.parent.nodes[row.place];
      if (first) this.focus(first, first.kind === "leaf" ? "fact" : "mode");
    },
    // One place up or down as it is seen: past a neighbour, into a group, or out of one at its edge.
    move(row, step) {
      const { node, parent, place } = row;
      const near = parent.nodes[place + step];
      const above = this.rowOf(parent);
      if (near && near.kind !== "leaf") {
        parent.nodes.splice(place, 1);
        near.nodes.splice(step < 0 ? near.nodes.length : 0, 0, node);
      } else if (near) {
        parent.nodes.splice(place, 1);
        parent.nodes.splice(place + step, 0, node);
      } else if (above.parent) {
        parent.nodes.splice(place, 1);
        above.parent.nodes.splice(above.place + (step > 0 ? 1 : 0), 0, node);
      } else {
        return;
      }
      this.changed();
      const moved = this.rowOf(node);
      this.say(`Moved; it is the ${moved?.name} now.`);
      this.focus(node, node.kind === "leaf" ? "fact" : "mode");
    },
    canMove(row, step) {
      return Boolean(row.parent && (row.parent.nodes[row.place + step] || this.rowOf(row.parent)?.parent));
    },
    keys(event, row) {
      if (!event.altKey || event.ctrlKey || event.metaKey) return;
      const acts = {
        ArrowUp: () => row.parent && this.canMove(row, -1) && this.move(row, -1),
        ArrowDown: () => row.parent && this.canMove(row, 1) && this.move(row, 1),
        Enter: () => (row.kind === "leaf" ? this.add(row.parent, row.place + 1) : this.add(row.node)),
        Delete: () => this.remove(row),
        Backspace: () => this.remove(row),
        KeyG: () => (row.parent ? this.wrap(row) : this.addGroup(row.node)),
        KeyN: () => this.toggleNot(row.node),
      };
      const act = acts[event.key] || acts[event.code];
      if (act) { event.preventDefault(); event.stopPropagation(); act(); }
    },
    focus(node, part) {
      this.$nextTick(() => this.box.querySelector(`[data-of="${node.id}-${part}"]`)?.focus());
    },
    say(text) { this.heard = text; },

    // Finding a fact
    open(node) {
      if (this.finding === node.id) return;
      this.finding = node.id;
      this.query = "";
      this.active = Math.max(0, this.found.findIndex((fact) => fact.key === node.fact));
      this.reveal();
    },
    close() { this.finding = null; },
    get found() {
      const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
      if (this.fields) return this.fields.filter((one) => words.every((word) => one.toLowerCase().includes(word))).map((one) => ({ key: one, label: one, meaning: "", group: "" }));
      const fits = (text) => words.every((word) => text.toLowerCase().includes(word));
      const offeredFacts = this.list.filter((fact) => !fact.is_withheld);
      if (!words.length) return offeredFacts;
      const byName = offeredFacts.filter((fact) => fits(fact.label));
      return [...byName, ...offeredFacts.filter((fact) => !byName.includes(fact) && fits(`${fact.label} ${fact.meaning} ${fact.group} ${fact.source}`))];
    },
    type(node, typed) {
      this.open(node);
      this.query = typed;
      this.active = 0;
      if (this.fields) { node.fact = typed; node.operator ||= "equal"; this.changed(); }
    },
    pick(event, node) {
      const last = this.found.length - 1;
      if (event.altKey) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (this.finding !== node.id) return this.open(node);
        this.active = event.key === "ArrowDown" ? Math.min(last, this.active + 1) : Math.max(0, this.active - 1);
        this.reveal();
      } else if (event.key === "Enter" && this.finding === node.id) {
        event.preventDefault();
        if (this.found[this.active]) this.chooseFact(node, this.found[this.active]);
      } else if (event.key === "Escape" && this.finding === node.id) {
        event.preventDefault();
        event.stopPropagation();
        this.close();
      }
    },
    reveal() { this.$nextTick(() => this.box.querySelector(`[data-options="${this.finding}"] [aria-selected=true]`)?.scrollIntoView({ block: "nearest" })); },

    // What is wrong, beside its row
    place(problems) {
      const paths = pathsOf(this.root);
      this.troubles = {};
      this.general = [];
      for (const { path, message } of problems) {
        const at = Object.keys(paths).filter((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`)).sort((a, b) => b.length - a.length)[0];
        const text = message.charAt(0).toUpperCase() + message.slice(1);
        if (at && paths[at] !== this.root.id) (this.troubles[paths[at]] ||= []).push(text);
        else this.general.push(text);
      }
    },

    // The live count
    isIncomplete(node) {
      if (node.kind !== "leaf") return !node.nodes.length || node.nodes.some((one) => this.isIncomplete(one));
      return !node.fact || !node.operator || (this.input(node) !== "none" && node.value === undefined);
    },
    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.count(), WAIT_MS);
    },
    async count() {
      this.asking?.abort();
      if (!this.counts) return;
      if (!this.root.nodes.length || this.isIncomplete(this.root)) {
        this.effect = null;
        this.effectTrouble = "";
        this.isCounting = false;
        return;
      }
      this.asking = new AbortController();
      const { signal } = this.asking;
      const body = new FormData();
      body.append("condition", JSON.stringify(written(this.root)));
      body.append("csrfmiddlewaretoken", this.box.closest("form")?.querySelector("[name=csrfmiddlewaretoken]")?.value || "");
      this.isCounting = true;
      try {
        const answer = await fetch(this.box.dataset.countAt, { method: "POST", body, signal, headers: { "X-Requested-With": "fetch" } });
        const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
        if (answer.ok && told.sentence) { this.effect = told; this.effectTrouble = ""; this.place([]); }
        else if (told.problems) { this.effect = null; this.effectTrouble = "Mend what is marked to see how many accounts match."; this.place(told.problems.map(({ path, message }) => ({ path, message }))); }
        else { this.effect = null; this.effectTrouble = "This could not be counted. You may have been signed out: sign in in another tab, then change something."; }
        this.isCounting = false;
      } catch (error) {
        if (error.name === "AbortError") return;
        this.effect = null;
        this.isCounting = false;
        this.effectTrouble = "The server could not be reached, so nothing was counted. What you built is kept.";
      }
    },
  }));
});
