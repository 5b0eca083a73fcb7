// Parts of a long form that are folded to a line: all of them at once, their order, and whatever an error leads to.
// A part is a [data-folding] with a details in it. Its place is a number that the form sends; the arrows swap two.
(() => {
  "use strict";
  const parts = (from) => [...from.closest("form").querySelectorAll("[data-folding] > details")];
  const place = (part) => part?.querySelector("input[name$='-place']");

  function swap(button, other) {
    const part = button.closest("[data-folding]");
    if (!other?.matches?.("[data-folding]") || !place(other)?.value || !place(part)?.value) return;
    const [one, two] = [place(part), place(other)];
    [one.value, two.value] = [two.value, one.value];
    if (button.matches("[data-earlier]")) other.before(part);
    else other.after(part);
    one.dispatchEvent(new Event("change", { bubbles: true }));
    button.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-unfold], [data-fold], [data-earlier], [data-later]");
    if (!button) return;
    if (button.matches("[data-unfold], [data-fold]")) for (const one of parts(button)) one.open = button.matches("[data-unfold]");
    else {
      const part = button.closest("[data-folding]");
      swap(button, button.matches("[data-earlier]") ? part.previousElementSibling : part.nextElementSibling);
    }
  });

  function follow() {
    const part = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!part?.matches?.("details.hf-fold")) return;
    part.open = true;
    part.scrollIntoView();
    part.querySelector("summary").focus();
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const one of document.querySelectorAll("[data-folds], .hf-fold-acts")) one.hidden = false;
    follow();
  });
  window.addEventListener("hashchange", follow);
})();
