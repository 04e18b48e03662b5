// Asks before something is done.

import { h } from "../app/element.js";
import { problem } from "./problem.js";

/**
 * Shows a dialog and returns a promise of what `action` returned, or of null when it was given up.
 * content: elements; action: async (form) => value, whose error is shown in the dialog, which then stays open.
 */
export function ask({ title, content, button, danger = false, action }) {
  return new Promise((resolve) => {
    const error = h("div");
    const submit = h("button", { type: "submit", class: danger ? "danger" : "primary" }, button);
    const dialog = h(
      "dialog", { "aria-labelledby": "dialog-title" },
      h(
        "form", { method: "dialog", onsubmit: run },
        h("h2", { id: "dialog-title" }, title),
        content,
        error,
        h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), submit),
      ),
    );
    let result = null;
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();

    async function run(event) {
      event.preventDefault();
      submit.disabled = true;
      error.replaceChildren();
      try {
        result = (await action(new FormData(event.target))) ?? true;
        dialog.close();
      } catch (failure) {
        error.replaceChildren(problem(failure));
        submit.disabled = false;
      }
    }
  });
}

/** Shows something that has to be read, such as a secret that is shown once. */
export function tell({ title, content }) {
  const dialog = h(
    "dialog", { "aria-labelledby": "dialog-title" },
    h("form", { method: "dialog" }, h("h2", { id: "dialog-title" }, title), content, h("div", { class: "actions" }, h("button", { class: "primary" }, "Close"))),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A labelled field of a form. */
export function field(label, control, hint) {
  return h("label", { class: "field" }, h("span", {}, label), control, hint ? h("span", { class: "hint" }, hint) : null);
}
