// Named plans of rollouts: the stages, and how carefully each goes.

import { segment, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { may } from "../app/session.js";
import { ask, field } from "../ui/dialog.js";
import { Pager } from "../ui/pager.js";
import { Table } from "../ui/table.js";

/** A canary, a tenth, everybody: where a new plan begins. */
const START = [{ name: "canary", size: 1, bake: "5m" }, { name: "tenth", size: "10%", bake: "15m" }, { name: "all", size: "100%", bake: "15m" }];

export async function plans(place, parameters, query, signal) {
  const isEditor = may("edit-plans");
  const table = new Table({
    caption: "Plans", key: (row) => row.name, empty: "There is none yet: rollouts go to one agent, then to a tenth, then to all.",
    columns: [
      { title: "Plan", text: (row) => row.name }, { title: "Summary", text: (row) => row.summary ?? "" },
      { title: "Stages", text: (row) => JSON.stringify(row.stages), cell: (row) => h("ol", { class: "lines" }, row.stages.map((stage) => h("li", {}, describe(stage)))) },
      { title: "Changed", text: (row) => (row.updated ? time(row.updated) : "") }, { title: "From", text: (row) => row.source ?? "" },
      ...(isEditor ? [{ title: "Do", text: (row) => row.name, cell: (row) => h("div", { class: "actions" }, h("button", { onclick: () => change(row) }, "Edit…"), h("button", { class: "danger", onclick: () => remove(row) }, "Delete…")) }] : []),
    ],
  });
  const pager = new Pager({ path: "/v1/plans", name: "plans", table, signal });
  show(place, heading("Plans", isEditor ? h("button", { class: "primary", onclick: () => edit(null) }, "New…") : null), pager.element);

  /** Edits a plan as it is now, which may not be as the list says. */
  async function change({ name }) {
    try {
      const { body, etag } = await send("GET", `/v1/plans/${segment(name)}`, { signal });
      await edit(body, etag);
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message, "bad");
    }
  }

  async function edit(row, etag) {
    const done = await ask({
      title: row ? `Plan ${row.name}` : "New plan", button: "Save",
      content: [
        row ? null : field("Name", h("input", { name: "name", required: true, pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*" }), "letters, digits and . _ -"),
        field("Summary", h("input", { name: "summary", maxlength: 1024, value: row?.summary ?? "" })),
        field("Stages, JSON", h("textarea", { name: "stages", rows: 10, class: "code", required: true, value: JSON.stringify(row?.stages ?? START, null, 2) }), "size is a number, a share such as 10%, steps such as 10%→50%→100%, or a selector; also bake, max_parallel, rate, min_per_label"),
      ],
      action: (form) => send("PUT", `/v1/plans/${segment(row?.name ?? form.get("name"))}`, {
        ...(row ? { ifMatch: etag } : { ifNoneMatch: "*" }), body: { stages: JSON.parse(form.get("stages")), ...(form.get("summary") ? { summary: form.get("summary") } : {}) },
      }),
    });
    if (!done) return;
    toast("The plan is saved.", "good");
    await pager.refresh();
  }

  async function remove(row) {
    const done = await ask({ title: `Delete the plan ${row.name}?`, button: "Delete", danger: true, content: h("p", {}, "Rollouts that have begun go on as they were planned."), action: () => send("DELETE", `/v1/plans/${segment(row.name)}`, { ifMatch: "*" }) });
    if (done) await pager.refresh();
  }

  await repeat(5000, signal, () => pager.load());
}

/** A stage in a line: canary: 1, bake 5m. */
function describe({ name, size, ...others }) {
  const facts = Object.entries(others).map(([key, value]) => `${key.replaceAll("_", " ")} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return [`${name ? `${name}: ` : ""}${size}`, ...facts].join(", ");
}
