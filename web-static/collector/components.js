// Everything that runs, with its state.

import { all, segment } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { ago, short } from "../app/format.js";
import { repeat } from "../app/live.js";
import { statusBadge } from "../ui/badge.js";
import { Errors } from "../ui/problem.js";
import { Table } from "../ui/table.js";

export async function components(place, parameters, query, signal) {
  const table = new Table({
    caption: "Components", key: (row) => `${row.kind}/${row.id}`, href: (row) => `#/components/${row.kind}/${segment(row.id)}`,
    columns: [
      { title: "Component", text: (row) => row.id },
      { title: "Kind", text: (row) => row.kind },
      { title: "State", text: (row) => JSON.stringify(row.status), cell: (row) => [statusBadge(row.status), row.status.error ? h("div", { class: "hint" }, row.status.error) : null] },
      { title: "Since", text: (row) => ago(row.status.since) },
      { title: "Pipelines", text: (row) => row.pipelines.join(", ") },
      { title: "Counters", text: (row) => Object.entries(row.counters).filter(([, number]) => number > 0).map(([name, number]) => `${name.replaceAll("_", " ")} ${short(number)}`).join(", ") },
    ],
  });
  const errors = new Errors();
  show(place, heading("Components"), errors.element, table.element);
  await repeat(2000, signal, async () => {
    table.update(await all("/v1/components", "components", {}, { signal }));
  }, errors);
}
