// Named configurations.

import { h, show } from "../app/element.js";
import { segment } from "../app/api.js";
import { heading } from "../app/frame.js";
import { time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { ask, field } from "../ui/dialog.js";
import { Pager } from "../ui/pager.js";
import { Table } from "../ui/table.js";

export async function configs(place, parameters, query, signal) {
  const table = new Table({
    caption: "Configurations", key: (row) => row.name, href: (row) => `#/configs/${segment(row.name)}`, empty: "There is none yet: make one here, or with apus fleet configs push.",
    columns: [
      { title: "Name", text: (row) => row.name }, { title: "Latest", text: (row) => `@${row.latest}` }, { title: "Description", text: (row) => row.description ?? "" },
      { title: "Changed", text: (row) => time(row.updated) }, { title: "By", text: (row) => row.author ?? "" }, { title: "From", text: (row) => row.source ?? "" },
    ],
  });
  const pager = new Pager({ path: "/v1/configs", name: "configs", table, signal });
  const create = async () => {
    const made = await ask({ title: "New configuration", button: "Write it", content: field("Name", h("input", { name: "name", required: true, pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*" }), "letters, digits and . _ -"), action: async (form) => form.get("name") });
    if (made) location.hash = `#/configs/${segment(made)}/edit`;
  };
  show(place, heading("Configurations", h("button", { class: "primary", onclick: create }, "New…")), pager.element);
  await repeat(5000, signal, () => pager.load());
}
