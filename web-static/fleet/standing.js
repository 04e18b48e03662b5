// What a rollout that has succeeded goes on to promise: agents that come later get the revision, too.

import { h } from "../app/element.js";
import { count, time } from "../app/format.js";
import { badge } from "../ui/badge.js";
import { standingBadge } from "./states.js";

const MEANS = {
  active: (target) => `Agents that the selector chooses from now on get ${target}.`,
  stopped: (target) => `Agents that come later do not get ${target} until somebody resumes it.`,
  ended: (target) => `Agents that come later do not get ${target} because of this rollout.`,
};

/** The card; actions: buttons for what can be done about it. */
export function standingCard(target, standing, actions) {
  const { state, reason, waiting, begun, since, assigned, healthy, failed, changing } = standing;
  const figure = (title, number, kind) => h("span", {}, badge(title, number ? kind : "plain"), ` ${count(number)}`);
  const changed = since === begun ? "" : ` It is ${state} since ${time(since)}.`;
  return h(
    "section", { class: "card promise", "aria-label": "Agents that come later" },
    h("div", { class: "row" }, h("h2", {}, "Agents that come later"), standingBadge(state), h("span", { class: "grow" }), h("div", { class: "actions" }, actions)),
    h("p", {}, MEANS[state]?.(target) ?? "", waiting ? ` It waits for ${waiting}.` : ""),
    reason ? h("div", { class: state === "stopped" ? "problem" : "notice", role: "status" }, h("strong", {}, reason)) : null,
    h("p", { class: "row" }, figure("got it", assigned, "plain"), figure("healthy", healthy, "good"), figure("failed", failed, "bad"), figure("in the middle", changing, "busy")),
    h("p", { class: "hint" }, `It began at ${time(begun)}.${changed}`),
  );
}
