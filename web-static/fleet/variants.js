// Which configurations are really running, whatever was assigned; and how any two of them differ.

import { get, segment } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { count } from "../app/format.js";
import { repeat } from "../app/live.js";
import { showDifference } from "../ui/diff.js";
import { Pager } from "../ui/pager.js";
import { problem } from "../ui/problem.js";
import { Table } from "../ui/table.js";

export async function variants(place, parameters, query, signal) {
  const chosen = new Set();
  const compare = h("button", { disabled: true, onclick: () => difference() }, "Compare two");
  const result = h("div");
  const table = new Table({
    caption: "Variants, by what agents report", key: (row) => row.hash, href: (row) => `#/variants/${row.hash}`, empty: "No agent reports what it runs.",
    columns: [
      { title: "Variant", text: (row) => row.hash.slice(0, 12) }, { title: "Agents", kind: "number", text: (row) => count(row.agents) }, { title: "Assigned as", text: (row) => (row.revisions ?? []).join(", ") || "nothing" },
      { title: "Compare", text: (row) => row.hash, cell: (row) => h("input", { type: "checkbox", "aria-label": `Compare ${row.hash.slice(0, 12)}`, onchange: (event) => choose(row.hash, event.target) }) },
    ],
  });
  const pager = new Pager({ path: "/v1/variants", name: "variants", table, signal });
  show(place, heading("What really runs", compare), pager.element, result);

  function choose(hash, box) {
    if (box.checked) chosen.add(hash);
    else chosen.delete(hash);
    compare.disabled = chosen.size !== 2;
  }

  async function difference() {
    try {
      const texts = await Promise.all([...chosen].map((hash) => get(`/v1/variants/${segment(hash)}`, {}, signal)));
      show(result, h("section", { class: "card" }, h("h2", {}, `From ${texts[0].hash.slice(0, 12)} to ${texts[1].hash.slice(0, 12)}`), showDifference(...texts.map(body))));
    } catch (error) {
      show(result, problem(error));
    }
  }

  await repeat(10_000, signal, () => pager.load());
}

export async function variant(place, { hash }, query, signal) {
  const one = await get(`/v1/variants/${segment(hash)}`, {}, signal);
  show(
    place, heading(`Variant ${hash.slice(0, 12)}`),
    h("p", {}, `${count(one.agents)} agents run it, for example `, (one.examples ?? []).map((uid) => [h("a", { href: `#/agents/${uid}` }, uid.slice(0, 13)), " "])),
    h("section", { class: "card" }, h("pre", { tabindex: "0", "aria-label": "Configuration" }, body(one))),
  );
}

const body = ({ files }) => files.map((file) => (files.length > 1 ? `# ${file.name}\n${file.body}` : file.body)).join("\n");
