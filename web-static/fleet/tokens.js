// The tokens of people and programs.

import { segment, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { ago, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { ask, field, tell } from "../ui/dialog.js";
import { Pager } from "../ui/pager.js";
import { Table } from "../ui/table.js";

const ROLES = [["viewer", "looks"], ["editor", "writes configurations"], ["operator", "rolls out, labels, lets agents in"], ["approver", "approves rollouts"], ["admin", "everything"]];

export async function tokens(place, parameters, query, signal) {
  const table = new Table({
    caption: "Tokens", key: (row) => row.id, empty: "There is none.",
    columns: [
      { title: "Token", text: (row) => row.name || row.id }, { title: "Whose", text: (row) => row.owner ?? "" }, { title: "Roles", text: (row) => (row.roles ?? []).join(", ") }, { title: "Expires", text: (row) => (row.expires ? time(row.expires) : "never") },
      { title: "Used", text: (row) => (row.last_used ? ago(row.last_used) : "never") }, { title: "Made by", text: (row) => row.author ?? "" }, { title: "Do", text: (row) => row.id, cell: (row) => h("button", { class: "danger", onclick: () => revoke(row) }, "Revoke") },
    ],
  });
  const pager = new Pager({ path: "/v1/tokens", name: "tokens", table, signal });
  show(place, heading("Tokens", h("button", { class: "primary", onclick: create }, "New…")), pager.element);

  async function create() {
    const made = await ask({
      title: "New token", button: "Make it",
      content: [
        field("Name", h("input", { name: "name", required: true })), field("Whose it is", h("input", { name: "owner" }), "a person has several tokens and still cannot approve what they began"),
        h("fieldset", {}, h("legend", {}, "Roles"), ROLES.map(([role, note]) => h("label", { class: "row" }, h("input", { type: "checkbox", name: "role", value: role, checked: role === "viewer" }), role, h("span", { class: "hint" }, note)))),
        field("Expires after", h("input", { name: "expires", placeholder: "12h" }), "empty is never"),
      ],
      action: async (form) => (await send("POST", "/v1/tokens", { body: { name: form.get("name"), ...(form.get("owner") ? { owner: form.get("owner") } : {}), roles: form.getAll("role"), ...(form.get("expires") ? { expires_in: form.get("expires") } : {}) } })).body,
    });
    if (made) tell({ title: "The token, shown this once", content: h("pre", { tabindex: "0", "aria-label": "Token" }, made.token) });
    await pager.refresh();
  }

  async function revoke(row) {
    const done = await ask({ title: `Revoke the token ${row.name || row.id}?`, button: "Revoke", danger: true, content: h("p", {}, "Whoever uses it is locked out at once."), action: () => send("DELETE", `/v1/tokens/${segment(row.id)}`, { ifMatch: "*" }) });
    if (done) await pager.refresh();
  }

  await repeat(5000, signal, () => pager.load());
}
