// What went wrong, as people are told it.

import { h, show } from "../app/element.js";
import { Problem } from "../app/api.js";

/** A box with an error: its title, the detail and every mistake with its place. */
export function problem(error) {
  const title = error instanceof Problem ? error.title : error.message;
  const detail = error instanceof Problem ? error.detail : "";
  return h(
    "div", { class: "problem", role: "alert" },
    h("strong", {}, title || "Something went wrong"),
    detail && detail !== title ? h("p", {}, detail) : null,
    error.errors?.length ? h("ul", {}, error.errors.map((mistake) => h("li", {}, place(mistake), mistake.message ?? mistake.detail ?? ""))) : null,
  );
}

/** Where a view says what goes wrong again and again; the same error is told once, until it is over. */
export class Errors {
  element = h("div");
  told = null;

  tell(error) {
    const text = JSON.stringify([error.message, error.errors]);
    if (text === this.told) return;
    this.told = text;
    show(this.element, problem(error));
  }

  clear() {
    if (this.told === null) return;
    this.told = null;
    show(this.element);
  }
}

function place(mistake) {
  const where = mistake.line ? `${mistake.line}:${mistake.column ?? 1} ` : "";
  const path = mistake.path ?? mistake.pointer ?? "";
  return where || path ? h("code", {}, `${where}${path}`) : null;
}
