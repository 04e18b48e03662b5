// What went wrong, as people are told it.

import { h } from "../app/element.js";
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

function place(mistake) {
  const where = mistake.line ? `${mistake.line}:${mistake.column ?? 1} ` : "";
  const path = mistake.path ?? mistake.pointer ?? "";
  return where || path ? h("code", {}, `${where}${path}`) : null;
}
