/* Everything on these pages can be read without this script. It adds a larger view of a drawing, and lets
   a quantity be pointed at in one place and seen in all. */
(() => {
  "use strict";

  const page = () => document.querySelector("article") || document.body;

  function enlarge(figure) {
    const frame = [...figure.querySelectorAll(".ld-frame")].find((form) => form.offsetParent);
    const drawing = frame.querySelector("svg");
    const dialog = document.createElement("dialog");
    dialog.className = "ld-dialog lstmdiag";
    dialog.setAttribute("aria-label", "Drawing at full size");
    dialog.innerHTML =
      '<form method="dialog"><button type="button" aria-pressed="false">Larger</button>' +
      "<button autofocus>Close</button></form>";
    const larger = dialog.querySelector("[aria-pressed]");
    larger.addEventListener("click", () => {
      larger.setAttribute("aria-pressed", dialog.classList.toggle("ld-larger"));
    });
    dialog.append(drawing); // moved, not copied: its ids stay unique
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      frame.append(drawing);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  function prepare() {
    for (const figure of document.querySelectorAll("figure.lstmdiag:not([data-ready])")) {
      figure.dataset.ready = "";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Enlarge";
      button.addEventListener("click", () => enlarge(figure));
      figure.querySelector(".ld-links")?.prepend(button);
    }
  }

  function symbolOf(target) {
    const element = target instanceof Element && target.closest('[class*="sym-"]');
    return element ? [...element.classList].find((name) => name.startsWith("sym-")) : undefined;
  }

  let shown;

  function point(event) {
    const symbol = event.type.endsWith("out") ? undefined : symbolOf(event.target);
    if (symbol === shown) return;
    shown = symbol;
    for (const element of document.querySelectorAll(".ld-hot")) element.classList.remove("ld-hot");
    page().classList.toggle("ld-linking", Boolean(symbol));
    if (symbol) {
      for (const element of page().querySelectorAll("." + CSS.escape(symbol))) element.classList.add("ld-hot");
    }
  }

  for (const type of ["pointerover", "focusin", "pointerout", "focusout"]) document.addEventListener(type, point);

  prepare();
  document.addEventListener("DOMContentLoaded", prepare);
  // Material replaces the page without loading it anew; other themes have no document$.
  if (typeof document$ !== "undefined") document$.subscribe(prepare);
})();
