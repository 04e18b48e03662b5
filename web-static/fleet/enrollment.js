// Who wants to be let in, and the tokens by which agents may ask.

import { segment, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { may } from "../app/session.js";
import { badge } from "../ui/badge.js";
import { ask, field, tell } from "../ui/dialog.js";
import { Pager } from "../ui/pager.js";
import { Table } from "../ui/table.js";
import { labelsOf, labelText } from "./states.js";

export async function enrollment(place, parameters, query, signal) {
  const waiting = new Pager({
    path: "/v1/enrollments", name: "enrollments", signal,
    table: new Table({
      caption: "Agents that asked", key: (row) => row.uid, href: (row) => `#/agents/${row.uid}`, empty: "Nobody has asked.",
      columns: [
        { title: "Agent", text: (row) => row.name || row.uid }, { title: "From", text: (row) => row.address ?? "" }, { title: "With the token", text: (row) => row.token ?? "" }, { title: "Asked", text: (row) => time(row.requested) },
        { title: "State", text: (row) => [row.state, row.decided_by, row.reason].join(" "), cell: (row) => [badge(row.state, { waiting: "warn", approved: "good", rejected: "bad" }[row.state]), row.decided_by ? h("span", { class: "hint" }, ` by ${row.decided_by} ${row.reason ?? ""}`) : null] },
        { title: "Do", text: (row) => row.state, cell: (row) => (row.state === "waiting" ? h("div", { class: "actions" }, h("button", { class: "primary", onclick: () => decide(row, "approve") }, "Let in"), h("button", { class: "danger", onclick: () => decide(row, "reject") }, "Reject")) : null) },
      ],
    }),
  });
  const tokens = new Pager({
    path: "/v1/enrollment-tokens", name: "enrollment_tokens", signal,
    table: new Table({
      caption: "Enrollment tokens", key: (row) => row.id, empty: "There is none: no new agent can ask.",
      columns: [
        { title: "Token", text: (row) => row.name || row.id }, { title: "Labels it gives", text: (row) => labelText(row.labels) }, { title: "Used", text: (row) => (row.most_uses ? `${row.uses} of ${row.most_uses}` : String(row.uses)) },
        { title: "Expires", text: (row) => (row.expires ? time(row.expires) : "never") }, { title: "Lets in by itself", text: (row) => (row.auto_approve ? "yes" : "no") },
        { title: "Do", text: (row) => row.id, cell: (row) => h("button", { class: "danger", onclick: () => revoke(row) }, "Revoke") },
      ],
    }),
  });
  const maySeeTokens = may("manage-enrollment-tokens");
  show(
    place, heading("Enrollment", maySeeTokens ? h("button", { class: "primary", onclick: create }, "New token…") : null), h("h2", {}, "Agents that asked"), waiting.element,
    maySeeTokens ? [h("h2", {}, "Enrollment tokens"), tokens.element] : null,
  );

  async function decide(row, action) {
    try {
      await send("POST", `/v1/enrollments/${segment(row.uid)}:${action}`);
      toast(action === "approve" ? "The agent is let in." : "The agent is rejected.", "good");
    } catch (error) {
      toast(error.message, "bad");
    }
    await waiting.refresh();
  }

  async function create() {
    const made = await ask({
      title: "New enrollment token", button: "Make it",
      content: [
        field("Name", h("input", { name: "name", required: true })), field("Labels for its agents", h("input", { name: "labels", placeholder: "env=prod,region=eu" })), field("Expires after", h("input", { name: "expires", value: "24h" }), "such as 24h; empty is never"),
        field("How many agents", h("input", { name: "uses", type: "number", min: 1 }), "empty is no limit"), h("label", { class: "row" }, h("input", { type: "checkbox", name: "auto" }), "Let its agents in without asking"),
      ],
      action: async (form) => (await send("POST", "/v1/enrollment-tokens", {
        body: {
          name: form.get("name"), expires_in: form.get("expires").trim() || "0s", ...(form.get("uses") ? { uses: Number(form.get("uses")) } : {}), auto_approve: form.get("auto") !== null,
          labels: labelsOf(form.get("labels"), ","),
        },
      })).body,
    });
    if (made) tell({ title: "The token, shown this once", content: [h("pre", { tabindex: "0", "aria-label": "Token" }, made.token), h("p", { class: "hint" }, "Give it to agents as the bearer token of their opamp extension.")] });
    await tokens.refresh();
  }

  async function revoke(row) {
    const done = await ask({ title: `Revoke the token ${row.name || row.id}?`, button: "Revoke", danger: true, content: h("p", {}, "Agents that are in stay in; no other can ask with it."), action: () => send("DELETE", `/v1/enrollment-tokens/${segment(row.id)}`, { ifMatch: "*" }) });
    if (done) await tokens.refresh();
  }

  await repeat(3000, signal, () => Promise.all([waiting.load(), maySeeTokens && tokens.load()]));
}
