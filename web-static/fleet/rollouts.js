// All rollouts, newest first.

import { segment } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { count, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { may } from "../app/session.js";
import { Pager } from "../ui/pager.js";
import { Table } from "../ui/table.js";
import { rolloutBadge, standingHint } from "./states.js";

export async function rollouts(place, parameters, query, signal) {
  const table = new Table({
    caption: "Rollouts", key: (row) => row.id, href: (row) => `#/rollouts/${segment(row.id)}`, empty: "There was none yet.",
    columns: [
      { title: "What", kind: "value", text: (row) => row.target }, { title: "State", text: (row) => `${row.state} ${standingHint(row.standing)}`, cell: stateOf }, { title: "To", kind: "value", text: (row) => row.selector || "all agents" },
      { title: "Agents", kind: "number", text: (row) => count(row.agents) }, { title: "Stage", kind: "value", text: (row) => (row.stages ? `${Math.min((row.stage ?? 0) + 1, row.stages)} of ${row.stages}${row.stage_name ? `, ${row.stage_name}` : ""}` : "") },
      { title: "Why", kind: "key", text: (row) => row.reason ?? row.waiting ?? row.note ?? "" }, { title: "By", text: (row) => row.author ?? "" }, { title: "Began", kind: "time", text: (row) => time(row.created) },
    ],
  });
  const pager = new Pager({ path: "/v1/rollouts", name: "rollouts", table, signal });
  show(place, heading("Rollouts", may("run-rollouts") ? h("a", { class: "button primary", href: "#/rollouts/new" }, "New rollout") : null), pager.element);
  await repeat(2000, signal, () => pager.load());
}

function stateOf({ state, standing }) {
  const later = standingHint(standing);
  return [rolloutBadge(state), later ? h("div", { class: "hint" }, later) : null];
}
