// What happens, as it happens.

import { h, setText, show } from "../app/element.js";
import { followEvents } from "../app/events.js";
import { heading } from "../app/frame.js";
import { noteQuery } from "../app/router.js";
import { eventTable } from "./component.js";

const LIMIT = 500;
const KINDS = ["component.status", "config.applied", "config.failed", "config.confirmed", "config.rolled_back", "drain.began", "log_level.changed", "tap.began", "tap.ended", "access.denied"];

export async function events(place, parameters, query, signal) {
  let list = [];
  const table = eventTable();
  const connection = h("span", { class: "hint", role: "status" });
  const kind = h("select", { "aria-label": "Kind", value: "", onchange: update }, [h("option", { value: "" }, "All kinds"), KINDS.map((one) => h("option", { value: one, selected: one === query.get("kind") }, one))]);
  const text = h("input", { type: "search", placeholder: "Filter", "aria-label": "Filter", value: query.get("text") ?? "", oninput: update });
  show(place, heading("Events", connection, kind, text), table.element);
  await followEvents({
    signal, limit: LIMIT, onState: (state) => setText(connection, state === "open" ? "live" : "connecting…"),
    onChange: (events) => {
      list = events;
      fill();
    },
  });

  function update() {
    noteQuery({ kind: kind.value, text: text.value });
    fill();
  }

  function fill() {
    const wanted = text.value.toLowerCase();
    table.update(list.filter((event) => (!kind.value || event.kind === kind.value) && `${event.subject} ${event.message}`.toLowerCase().includes(wanted)));
  }
}
