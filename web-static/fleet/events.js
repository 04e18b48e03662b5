// What happens in the fleet, as it happens.

import { follow, get } from "../app/api.js";
import { h, setText, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { time } from "../app/format.js";
import { noteQuery } from "../app/router.js";
import { badge } from "../ui/badge.js";
import { problem } from "../ui/problem.js";
import { Table } from "../ui/table.js";

const LIMIT = 500;

export async function events(place, parameters, query, signal) {
  let list = (await get("/v1/events", { page_size: 1000 }, signal)).events.reverse();
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
  update();
  try {
    await follow("/v1/events", {
      signal, query: { after: list[0]?.id ?? 0 }, onState: (state) => setText(connection, state === "open" ? "live" : "connecting…"),
      onEvent: ({ data }) => {
        if (!data?.id || data.id <= (list[0]?.id ?? 0)) return;
        list = [data, ...list].slice(0, LIMIT);
        update();
      },
    });
  } catch (error) {
    place.append(problem(error));
  }

  function update() {
    noteQuery({ text: text.value });
    const wanted = text.value.toLowerCase();
    table.update(list.filter((event) => `${event.kind} ${event.message} ${event.actor ?? ""}`.toLowerCase().includes(wanted)).slice(0, LIMIT));
  }
}
