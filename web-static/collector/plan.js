// What a change does, before it is done.

import { h } from "../app/element.js";
import { badge } from "../ui/badge.js";

const ACTIONS = { keep: ["kept", "plain"], adopt: ["taken over", "good"], replace: ["replaced", "warn"], add: ["added", "good"], remove: ["removed", "bad"] };

/** Shows a plan: one line of counts, then what changes with its cost. */
export function planView(plan) {
  if (plan.empty) return h("p", {}, "Nothing changes: this is what runs.");
  const counts = {};
  for (const { action } of plan.components) counts[action] = (counts[action] ?? 0) + 1;
  const changes = plan.components.filter(({ action }) => action !== "keep");
  return h(
    "div", { class: "plan" },
    h("p", { class: "row" }, Object.entries(ACTIONS).filter(([action]) => counts[action]).map(([action, [word, kind]]) => badge(`${counts[action]} ${word}`, kind))),
    changes.length ? h("ul", {}, changes.map(({ kind, id, pipeline, action, cost }) => h(
      "li", {}, h("strong", {}, ACTIONS[action]?.[0] ?? action), ` ${kind} `, h("code", {}, id), pipeline ? ` in ${pipeline}` : "", cost ? h("span", { class: "hint" }, ` – ${cost}`) : null,
    ))) : null,
    plan.after_restart?.length ? h("p", {}, "Only after a restart: ", plan.after_restart.map((path) => h("code", {}, path))) : null,
    plan.warnings?.length ? h("ul", {}, plan.warnings.map(({ message, pointer }) => h("li", {}, badge("warning", "warn"), " ", pointer ? h("code", {}, pointer) : null, " ", message))) : null,
  );
}
