// What happens in the fleet, as it happens.

import { h, setText, show } from "../app/element.js";
import { followEvents } from "../app/events.js";
import { heading } from "../app/frame.js";
import { time } from "../app/format.js";
import { noteQuery } from "../app/router.js";
import { badge } from "../ui/badge.js";
import { Table } from "../ui/table.js";

const LIMIT = 500;

export async function events(place, parameters, query, signal) {
  let list = [];
  const table = new Table({
    caption: "Events, newest first", key: (row) => String(row.id), empty: "Nothing has happened.",
    columns: [
      { title: "When", text: (row) => time(row.time) }, { title: "What", text: (row) => row.kind, cell: (row) => badge(row.kind.replace(/[._]/g, " "), /fail|reject|rolled|denied|revoked/.test(row.kind) ? "bad" : "plain") },
      { title: "Message", text: (row) => row.message }, { title: "By", text: (row) => row.actor ?? "" },
    ],
  });
  const connection = h("span", { class: "hint", role: "status" });
  const text = h("input", { type: "search", placeholder: "Filter", "aria-label": "Filter", value: query.get("text") ?? "", oninput: update });
  show(place, heading("Events", connection, text), table.element);
  await followEvents({
    signal, limit: LIMIT, onState: (state) => setText(connection, state === "open" ? "live" : "connecting…"),
    onChange: (events) => {
      list = events;
      fill();
    },
  });

  function update() {
    noteQuery({ text: text.value });
    fill();
  }

  function fill() {
    const wanted = text.value.toLowerCase();
    table.update(list.filter((event) => `${event.kind} ${event.message} ${event.actor ?? ""}`.toLowerCase().includes(wanted)));
  }
}
