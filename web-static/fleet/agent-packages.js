// The packages of an agent: what it ought to have, what it has, and what became of offers.

import { segment } from "../app/api.js";
import { h } from "../app/element.js";
import { time } from "../app/format.js";
import { badge } from "../ui/badge.js";
import { Table } from "../ui/table.js";
import { driftBadge } from "./states.js";

const STATUS = { installed: "good", install_failed: "bad", installing: "busy", downloading: "busy", install_pending: "busy" };
const OUTCOME = { applied: "good", applying: "busy" };

/** What a card shows of packages, as the API answers them. */
export function packagesOf({ state, set, error, statuses, history }) {
  const table = new Table({
    caption: "Packages of the agent", key: (row) => row.name, empty: "It has reported none.",
    columns: [
      { title: "Package", text: (row) => row.name || "(no name)" },
      { title: "Has", text: (row) => row.has_version ?? "–" },
      { title: "Offered", text: (row) => row.offered_version ?? "–" },
      {
        title: "State", text: (row) => JSON.stringify(row),
        cell: (row) => [badge(row.status.replaceAll("_", " "), STATUS[row.status]), row.download_percent ? h("span", { class: "hint" }, ` ${Math.round(row.download_percent)} %`) : null, row.error ? h("div", { class: "hint" }, row.error) : null],
      },
    ],
  });
  table.update(statuses);
  return [
    h("h2", {}, "Packages"),
    h("p", { class: "row" }, driftBadge(state), set ? h("a", { href: `#/packages/${segment(nameOf(set))}` }, set) : h("span", { class: "hint" }, "None are assigned.")),
    error ? h("div", { class: "problem" }, error) : null,
    table.element,
    history.length ? [h("h3", {}, "Offers"), h("ul", { class: "plain" }, history.map((one) => h(
      "li", {}, h("span", { class: "hint" }, `${time(one.time)} `), badge(one.outcome.replaceAll("_", " "), OUTCOME[one.outcome] ?? "bad"), " ", one.revision ?? h("code", {}, one.hash.slice(0, 12)), one.message ? ` – ${one.message}` : "",
    )))] : null,
  ];
}

/** The name of a set in `packages/NAME@NUMBER`. */
const nameOf = (reference) => reference.replace(/^packages\//, "").split("@")[0];
