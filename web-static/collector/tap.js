// Telemetry as it passes a place of a pipeline: readable rows, and each as JSON.

import { all, follow } from "../app/api.js";
import { h, setText, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { count } from "../app/format.js";
import { noteQuery } from "../app/router.js";
import { problem } from "../ui/problem.js";
import { readable } from "./telemetry.js";

const LIMIT = 300;
const REASONS = { limit: "As much as can be looked at at once was shown.", time: "Ten minutes are over.", closed: "The collector has closed the tap." };

export async function tap(place, parameters, query, signal) {
  const pipelines = await all("/v1/pipelines", "pipelines", {}, { signal });
  const options = (id) => {
    const pipeline = pipelines.find((one) => one.id === id) ?? pipelines[0];
    return [["in", "where it comes in"], ...(pipeline?.processors ?? []).map((one) => [`after:${one.id}`, `after ${one.id}`])];
  };
  const pipeline = h("select", { name: "pipeline", onchange: () => show(at, points(pipeline.value)) }, pipelines.map(({ id }) => h("option", { value: id, selected: id === query.get("pipeline") }, id)));
  const points = (id) => options(id).map(([value, title]) => h("option", { value, selected: value === query.get("at") }, title));
  const at = h("select", { name: "at" }, points(pipeline.value));
  const filter = h("input", { name: "filter", placeholder: "attribute=value, …", value: query.get("filter") ?? "", size: 26 });
  const button = h("button", { class: "primary", type: "submit" }, "Look");
  const state = h("div", { class: "hint", role: "status" }, "Somebody who looks costs the pipeline next to nothing; values that sound like secrets are hidden.");
  const rows = h("div", { class: "telemetry" });
  show(
    place, heading("Live telemetry"),
    h("form", { class: "card row", onsubmit: toggle }, h("label", { class: "row" }, "Pipeline", pipeline), h("label", { class: "row" }, "at", at), h("label", { class: "row" }, "only", filter), button),
    state, rows,
  );
  let running = null;
  signal.addEventListener("abort", () => running?.abort());

  async function toggle(event) {
    event.preventDefault();
    if (running) return running.abort();
    running = new AbortController();
    const mine = running;
    setText(button, "Stop");
    show(rows);
    let seen = 0;
    noteQuery({ pipeline: pipeline.value, at: at.value, filter: filter.value });
    setText(state, "Waiting for telemetry…");
    let end = "";
    try {
      await follow("/v1/tap", {
        signal: mine.signal, again: false, query: { pipeline: pipeline.value, at: at.value, filter: filter.value, for: "10m", limit: 100000 },
        onEvent: ({ event: kind, data }) => {
          if (kind === "end") end = ending(data);
          if (kind !== "telemetry") return;
          for (const item of readable(data)) {
            seen += 1;
            rows.prepend(row(item));
            if (rows.childElementCount > LIMIT) rows.lastElementChild.remove();
          }
          setText(state, `${count(seen)} items seen; the last ${LIMIT} are shown.`);
        },
      });
    } catch (error) {
      end = problem(error);
    }
    running = null;
    setText(button, "Look");
    show(state, `${count(seen)} items seen. Not looking any more. `, end);
  }
}

/** Why the collector ended it, and what it could not show. */
function ending({ reason, skipped_items: skipped }) {
  const left = skipped ? ` ${count(skipped)} items came too fast to be shown.` : "";
  return (REASONS[reason] ?? "") + left;
}

function row({ time, title, note, facts, raw }) {
  return h(
    "details", { class: "card item" },
    h("summary", {}, h("code", {}, time), " ", h("strong", {}, title), " ", h("span", { class: "hint" }, note)),
    h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("details", {}, h("summary", {}, "OTLP/JSON"), h("pre", { tabindex: "0", "aria-label": "OTLP as JSON" }, JSON.stringify(raw, null, 2))),
  );
}
