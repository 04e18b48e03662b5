// Saved groups: a name for a selector, with values for the templates of configurations.

import { segment, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { repeat } from "../app/live.js";
import { may } from "../app/session.js";
import { ask, field } from "../ui/dialog.js";
import { Pager } from "../ui/pager.js";
import { Table } from "../ui/table.js";

export async function groups(place, parameters, query, signal) {
  const table = new Table({
    caption: "Groups", key: (row) => row.name, href: (row) => `#/agents?group=${segment(row.name)}`, empty: "There is none yet.",
    columns: [
      { title: "Group", text: (row) => row.name }, { title: "Selector", text: (row) => row.selector, cell: (row) => h("code", {}, row.selector || "every agent") },
      { title: "Description", text: (row) => row.description ?? "" }, { title: "From", text: (row) => row.source ?? "" },
      { title: "Do", text: (row) => JSON.stringify(row), cell: (row) => h("div", { class: "actions" }, h("button", { onclick: () => change(row) }, "Edit…"), may("run-rollouts") ? h("a", { class: "button", href: `#/rollouts/new?selector=${segment(row.selector)}` }, "Roll out…") : null, h("button", { class: "danger", onclick: () => remove(row) }, "Delete…")) },
    ],
  });
  const pager = new Pager({ path: "/v1/groups", name: "groups", table, signal });
  show(place, heading("Groups", h("button", { class: "primary", onclick: () => edit(null) }, "New…")), pager.element);

  /** Edits a group as it is now, which may not be as the list says. */
  async function change({ name }) {
    try {
      const { body, etag } = await send("GET", `/v1/groups/${segment(name)}`, { signal });
      await edit(body, etag);
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message, "bad");
    }
  }

  async function edit(row, etag) {
    const done = await ask({
      title: row ? `Group ${row.name}` : "New group", button: "Save",
      content: [
        row ? null : field("Name", h("input", { name: "name", required: true })),
        field("Selector", h("input", { name: "selector", value: row?.selector ?? "", placeholder: "env=prod,region in (eu,us)" })), field("Description", h("input", { name: "description", value: row?.description ?? "" })),
        field("Values, JSON", h("textarea", { name: "values", rows: 5, class: "code", value: Object.keys(row?.values ?? {}).length ? JSON.stringify(row.values, null, 2) : "" }), "what ${var:…} stands for on agents of this group"),
      ],
      action: (form) => send("PUT", `/v1/groups/${segment(row?.name ?? form.get("name"))}`, {
        ...(row ? { ifMatch: etag } : { ifNoneMatch: "*" }),
        body: { selector: form.get("selector"), description: form.get("description") || undefined, ...(form.get("values").trim() ? { values: JSON.parse(form.get("values")) } : {}), ...(row?.priority ? { priority: row.priority } : {}) },
      }),
    });
    if (done) {
      toast("The group is saved.", "good");
      await pager.refresh();
    }
  }

  async function remove(row) {
    const done = await ask({ title: `Delete the group ${row.name}?`, button: "Delete", danger: true, content: h("p", {}, "The agents stay as they are."), action: () => send("DELETE", `/v1/groups/${segment(row.name)}`, { ifMatch: "*" }) });
    if (done) await pager.refresh();
  }

  await repeat(5000, signal, () => pager.load());
}
