// One configuration with its revisions, and one revision.

import { all, get, segment } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { bytes, time } from "../app/format.js";
import { may } from "../app/session.js";
import { showDifference } from "../ui/diff.js";
import { problem } from "../ui/problem.js";
import { Table } from "../ui/table.js";

export async function config(place, { name }, query, signal) {
  const path = `/v1/configs/${segment(name)}`;
  const [facts, revisions] = await Promise.all([get(path, {}, signal), all(`${path}/revisions`, "revisions", {}, { signal, limit: 1000 })]);
  revisions.sort((a, b) => b.number - a.number);
  const table = new Table({
    caption: "Revisions", key: (row) => String(row.number), href: (row) => `#/configs/${segment(name)}/${row.number}`,
    columns: [
      { title: "Revision", text: (row) => row.reference }, { title: "Message", text: (row) => row.message ?? "" }, { title: "By", text: (row) => row.author ?? "" },
      { title: "When", text: (row) => time(row.created) }, { title: "Size", text: (row) => bytes(row.size) },
      { title: "Agents", text: () => "who has it", cell: (row) => h("a", { href: `#/agents?revision=${segment(row.reference)}` }, "who has it") },
    ],
  });
  table.update(revisions);
  const numbers = revisions.map(({ number }) => number);
  const result = h("div");
  const choose = (value) => h("select", { "aria-label": "Revision" }, numbers.map((number) => h("option", { value: number, selected: number === value }, `@${number}`)));
  const [from, to] = [choose(numbers[1] ?? numbers[0]), choose(numbers[0])];
  const compare = async () => {
    try {
      const texts = await Promise.all([from.value, to.value].map((number) => get(`${path}/revisions/${number}`, {}, signal)));
      show(result, showDifference(...texts.map(({ files }) => files.map((file) => (files.length > 1 ? `# ${file.name}\n${file.body}` : file.body)).join("\n"))));
    } catch (error) {
      show(result, problem(error));
    }
  };
  show(
    place,
    heading(name, h("a", { class: "button", href: `#/configs/${segment(name)}/edit` }, "New revision…"), rollOut(`${name}@${facts.latest}`)),
    h("p", { class: "hint" }, facts.description ?? ""),
    table.element,
    numbers.length > 1 ? h("section", { class: "card" }, h("div", { class: "row" }, h("h2", {}, "Difference"), "from", from, "to", to, h("button", { onclick: compare }, "Compare")), result) : null,
  );
}

const rollOut = (reference) => (may("run-rollouts") ? h("a", { class: "button primary", href: `#/rollouts/new?target=${segment(reference)}` }, "Roll out…") : null);

export async function revision(place, { name, number }, query, signal) {
  const one = await get(`/v1/configs/${segment(name)}/revisions/${segment(number)}`, {}, signal);
  show(
    place,
    heading(one.reference, h("a", { class: "button", href: `#/configs/${segment(name)}/edit?from=${segment(number)}` }, "Edit as a new revision…"), rollOut(one.reference)),
    h("p", { class: "hint" }, [one.message, one.author, time(one.created)].filter(Boolean).join(" · ")),
    one.files.map((file) => h("section", { class: "card" }, file.name ? h("h2", {}, file.name) : null, h("pre", { tabindex: "0", "aria-label": "Configuration" }, file.body))),
    Object.keys(one.variables ?? {}).length ? h("section", { class: "card" }, h("h2", {}, "Variables"), h("pre", {}, JSON.stringify(one.variables, null, 2))) : null,
  );
}
