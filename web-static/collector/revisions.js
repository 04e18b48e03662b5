// What was configured before: every revision that was tried, with its differences to what runs.

import { all, get, segment, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { ago, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { badge } from "../ui/badge.js";
import { showDifference } from "../ui/diff.js";
import { ask, field } from "../ui/dialog.js";
import { Table } from "../ui/table.js";
import { Errors } from "../ui/problem.js";

const KINDS = { active: "busy", candidate: "busy", confirmed: "good", failed: "bad", rolled_back: "bad", superseded: "plain" };

export async function revisions(place, parameters, query, signal) {
  const table = new Table({
    caption: "Revisions, newest first", key: (row) => String(row.number), href: (row) => `#/configuration/revisions/${segment(row.id)}`, empty: "No revision is kept.",
    columns: [
      { title: "Revision", text: (row) => String(row.number) },
      { title: "When", text: (row) => time(row.time), cell: (row) => h("span", { title: ago(row.time) }, time(row.time)) },
      { title: "Status", text: (row) => row.status, cell: (row) => badge(row.status.replace("_", " "), KINDS[row.status]) },
      { title: "By", text: (row) => `${row.origin.actor} (${row.origin.channel.replace("_", " ")})` },
      { title: "Reason", text: (row) => row.reason ?? "" },
    ],
  });
  const errors = new Errors();
  show(place, heading("Revisions", h("a", { class: "button", href: "#/configuration" }, "Edit")), errors.element, table.element);
  await repeat(3000, signal, async () => {
    table.update(await all("/v1/config/revisions", "revisions", {}, { signal, limit: 2000 }));
  }, errors);
}

export async function revision(place, { id }, query, signal) {
  const path = `/v1/config/revisions/${segment(id)}`;
  const [{ revision: facts }, { body: text }, { body: running }] = await Promise.all([
    get(path, {}, signal), send("GET", path, { accept: "application/yaml", signal }), send("GET", "/v1/config", { accept: "application/yaml", query: { view: "raw" }, signal }),
  ]);
  const document = text.startsWith("revision:") ? inner(text) : text;
  const back = h("button", { class: "danger", onclick: () => goBack(facts) }, "Go back to this revision…");
  show(
    place,
    heading(`Revision ${facts.number}`, badge(facts.status.replace("_", " "), KINDS[facts.status]), back),
    h("p", { class: "hint" }, `${time(facts.time)} by ${facts.origin.actor}`, facts.reason ? ` – ${facts.reason}` : ""),
    h("section", { class: "card" }, h("h2", {}, "From this revision to what runs"), showDifference(document, running)),
    h("section", { class: "card" }, h("h2", {}, "The whole revision"), h("pre", { tabindex: "0", "aria-label": "Configuration" }, document)),
  );
}

/** The configuration in a document that has the facts of the revision around it. */
function inner(text) {
  const lines = text.split("\n");
  const begin = lines.findIndex((line) => line.startsWith("config:"));
  return begin < 0 ? text : lines.slice(begin + 1).map((line) => line.replace(/^ {2}/, "")).join("\n");
}

async function goBack(facts) {
  const done = await ask({
    title: `Go back to revision ${facts.number}?`, button: "Go back", danger: true,
    content: [h("p", {}, "What differs is replaced; everything else goes on running."), field("Reason", h("input", { name: "reason", maxlength: 500 }))],
    action: async (form) => (await send("POST", "/v1/config:rollback", { body: { to: facts.id, reason: form.get("reason") || undefined } })).body,
  });
  if (done) {
    toast(`What revision ${facts.number} said runs again.`, "good");
    location.hash = "#/configuration";
  }
}
