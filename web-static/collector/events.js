// What happens, as it happens.

import { all, follow } from "../app/api.js";
import { h, setText, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { noteQuery } from "../app/router.js";
import { problem } from "../ui/problem.js";
import { eventTable } from "./component.js";

const LIMIT = 500;
const KINDS = ["component.status", "config.applied", "config.failed", "config.confirmed", "config.rolled_back", "drain.began", "log_level.changed", "tap.began", "tap.ended", "access.denied"];

export async function events(place, parameters, query, signal) {
  let list = await all("/v1/events", "events", {}, { signal });
  list.reverse();
  const table = eventTable();
  const connection = h("span", { class: "hint", role: "status" });
  const kind = h("select", { "aria-label": "Kind", value: "", onchange: update }, [h("option", { value: "" }, "All kinds"), KINDS.map((one) => h("option", { value: one, selected: one === query.get("kind") }, one))]);
  const text = h("input", { type: "search", placeholder: "Filter", "aria-label": "Filter", value: query.get("text") ?? "", oninput: update });
  show(place, heading("Events", connection, kind, text), table.element);
  update();
  try {
    await follow("/v1/events", {
      signal, query: { after: list[0]?.id ?? 0 },
      onState: (state) => setText(connection, state === "open" ? "live" : "connecting…"),
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
    const wanted = text.value.toLowerCase();
    noteQuery({ kind: kind.value, text: text.value });
    table.update(list.filter((event) => (!kind.value || event.kind === kind.value) && `${event.subject} ${event.message}`.toLowerCase().includes(wanted)).slice(0, LIMIT));
  }
}
