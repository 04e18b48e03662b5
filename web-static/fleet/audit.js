// Who did what; each entry holds the hash of the one before, so that none can be changed or taken out unseen.

import { get, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { time } from "../app/format.js";
import { badge } from "../ui/badge.js";
import { Pager } from "../ui/pager.js";
import { problem } from "../ui/problem.js";
import { Table } from "../ui/table.js";

export async function audit(place, parameters, query, signal) {
  const verdict = h("div");
  const table = new Table({
    caption: "Audit log, newest first", key: (row) => String(row.number), empty: "Nothing is written yet.",
    columns: [
      { title: "No.", text: (row) => String(row.number) }, { title: "When", text: (row) => time(row.time) }, { title: "Who", text: (row) => `${row.actor}${row.address ? ` from ${row.address}` : ""}` }, { title: "What", text: (row) => row.action },
      { title: "To what", text: (row) => row.target ?? "" }, { title: "Outcome", text: (row) => row.outcome ?? "", cell: (row) => badge(row.outcome ?? "", { done: "good", denied: "bad", failed: "bad" }[row.outcome] ?? "plain") },
    ],
  });
  const pager = new Pager({ path: "/v1/audit", name: "entries", table, signal });
  show(place, heading("Audit", h("button", { onclick: verify }, "Verify the chain"), h("button", { onclick: save }, "Download")), verdict, pager.element);
  await pager.refresh();

  async function verify() {
    try {
      const result = await get("/v1/audit/verification");
      show(verdict, h("p", { role: "status" }, badge(result.whole ? "whole" : "broken", result.whole ? "good" : "bad"), ` ${result.entries} entries`, (result.faults ?? []).map((fault) => h("div", {}, fault))));
    } catch (error) {
      show(verdict, problem(error));
    }
  }

  async function save() {
    try {
      const { body } = await send("GET", "/v1/audit/export", { accept: "*/*" });
      const address = URL.createObjectURL(new Blob([typeof body === "string" ? body : JSON.stringify(body)], { type: "application/jsonl" }));
      h("a", { href: address, download: "apus-fleet-audit.jsonl" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch (error) {
      toast(error.message, "bad");
    }
  }
}
