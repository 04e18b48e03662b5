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
    const cancel = h("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
    const dialog = h(
      "dialog", { "aria-labelledby": "dialog-title", oncancel: hold },
      h(
        "form", { method: "dialog", onsubmit: run },
        h("h2", { id: "dialog-title" }, title),
        content,
        error,
        h("div", { class: "actions" }, cancel, submit),
      ),
    );
    let result = null;
    dialog.addEventListener("close", () => {
      document.removeEventListener("keydown", hold);
      dialog.remove();
      resolve(result);
    });
    // A second Esc closes a dialog whatever is said to `cancel`, and a disabled button has no focus to hear of keys.
    document.addEventListener("keydown", hold);
    document.body.append(dialog);
    dialog.showModal();

    /** What is being done is not given up: the dialog stays until it is known what came of it. */
    function hold(event) {
      if (submit.disabled && (event.type === "cancel" || event.key === "Escape")) event.preventDefault();
    }

    async function run(event) {
      event.preventDefault();
      submit.disabled = cancel.disabled = true;
      error.replaceChildren();
      try {
        result = (await action(new FormData(event.target))) ?? true;
        dialog.close();
      } catch (failure) {
        error.replaceChildren(problem(failure));
        submit.disabled = cancel.disabled = false;
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
