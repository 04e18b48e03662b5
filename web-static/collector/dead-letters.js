// Batches that a backend refused for good: look, try again, throw away.

import { all, segment, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { bytes, count, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { ask } from "../ui/dialog.js";
import { Errors } from "../ui/problem.js";
import { Table } from "../ui/table.js";

export async function deadLetters(place, parameters, query, signal) {
  const errors = new Errors();
  const table = new Table({
    caption: "Dead letters", key: (row) => row.id, empty: "No backend refused anything for good.",
    columns: [
      { title: "When", text: (row) => time(row.time) },
      { title: "Exporter", text: (row) => row.exporter },
      { title: "What", text: (row) => `${count(row.items)} ${row.signal}, ${bytes(row.bytes)}` },
      { title: "Why", text: (row) => `${row.reason} (tried ${row.attempts} ×)` },
      {
        title: "Do", text: (row) => row.id,
        cell: (row) => h("div", { class: "actions" }, h("button", { onclick: () => replay(row) }, "Send again"), h("button", { class: "danger", onclick: () => discard(row) }, "Throw away")),
      },
    ],
  });
  show(place, heading("Dead letters"), h("p", { class: "hint" }, "Kept where an exporter has on_permanent_error: dead_letter."), errors.element, table.element);
  await repeat(3000, signal, read, errors);

  async function read() {
    table.update(await all("/v1/dead-letters", "dead_letters", {}, { signal }));
  }

  async function replay(row) {
    try {
      const { body } = await send("POST", `/v1/dead-letters/${segment(row.id)}:replay`);
      tell(body);
    } catch (failure) {
      toast(failure.message, "bad");
    }
    await read().catch(() => {});
  }

  function tell({ outcome, rejected_items: rejected, message }) {
    if (outcome === "refused") toast(`The backend refused it again: ${message}`, "bad");
    else if (outcome === "unreached") toast(`The backend was not reached: ${message}`, "bad");
    else if (rejected) toast(`The backend took it but for ${count(rejected)} ${rejected === 1 ? "item" : "items"}: ${message}`, "bad");
    else toast("The backend took it.", "good");
  }

  async function discard(row) {
    const done = await ask({
      title: "Throw this telemetry away?", danger: true, button: "Throw away",
      content: h("p", {}, `${count(row.items)} ${row.signal} for ${row.exporter} cannot be had again.`),
      action: () => send("DELETE", `/v1/dead-letters/${segment(row.id)}`, { ifMatch: "*" }),
    });
    if (done) await read().catch(() => {});
  }
}
