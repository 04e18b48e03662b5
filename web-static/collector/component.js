// One component: its state and how it came to it, what it counts, how it is configured and where that is written.

import { all, get, nullIfRefused, segment, send } from "../app/api.js";
import { h, show, showOnce } from "../app/element.js";
import { LatestEvents } from "../app/events.js";
import { heading, toast } from "../app/frame.js";
import { ago, count, rate, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { may } from "../app/session.js";
import { badge, statusBadge } from "../ui/badge.js";
import { Chart } from "../ui/chart.js";
import { Errors } from "../ui/problem.js";
import { Table } from "../ui/table.js";
import { LEVELS } from "./levels.js";
import { ComponentLog } from "./log.js";

const COLOURS = ["--line-1", "--line-2", "--line-3", "--line-4"];

export async function component(place, { kind, id }, query, signal) {
  const path = `/v1/components/${segment(kind)}/${segment(id)}`;
  const state = h("div", { class: "card" });
  const counters = h("div");
  const events = eventTable();
  const latest = new LatestEvents({ limit: 50, takes: ({ subject }) => subject === `${kind}/${id}` });
  // Lines of the log may hold telemetry, so they are for those who may look at it.
  const log = may("operate") ? new ComponentLog(kind, id, query.get("level")) : null;
  const errors = new Errors();
  const first = await get(path, {}, signal);
  const names = Object.keys(first.counters);
  const chart = names.length ? new Chart({ series: names.slice(0, 4).map((name, index) => ({ name: name.replaceAll("_", " "), colour: COLOURS[index] })), format: rate, label: "Per second" }) : null;
  show(
    place,
    heading(id, badge(kind), first.pipelines.length ? h("a", { class: "button", href: `#/tap?pipeline=${segment(first.pipelines[0])}` }, "Live telemetry") : null, may("operate") ? logLevel(id) : null),
    errors.element,
    h("div", { class: "grid" }, state, h("div", { class: "card" }, h("h2", {}, "Counters"), counters, chart?.element)),
    await configurationCard(kind, id, first.type, signal),
    log?.element,
    h("section", { "aria-label": "Events" }, h("h2", {}, "Events"), events.element),
  );
  let before = null;
  await repeat(1000, signal, async () => {
    const now = await get(path, {}, signal);
    showState(state, now);
    show(counters, h("dl", { class: "facts" }, Object.entries(now.counters).map(([name, number]) => [h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, count(number))])));
    const moment = performance.now();
    if (before && chart) chart.add(...names.slice(0, 4).map((name) => Math.max(0, ((now.counters[name] ?? 0) - (before.counters[name] ?? 0)) * 1000 / (moment - before.moment))));
    before = { counters: now.counters, moment };
    events.update(await latest.load(signal));
    await log?.load(signal);
  }, errors);
}

function showState(place, { status, history, pipelines, type, instance }) {
  showOnce(place, [status, history?.length, pipelines, instance], () => [
    h("h2", {}, "State"),
    h("p", { class: "row" }, statusBadge(status), h("span", { class: "hint" }, `since ${time(status.since)}, ${ago(status.since)}`)),
    status.error ? h("div", { class: "problem" }, status.error) : null,
    h("dl", { class: "facts" }, h("dt", {}, "Type"), h("dd", {}, type), h("dt", {}, "In pipelines"), h("dd", {}, pipelines.join(", ") || "none"), h("dt", {}, "Instance"), h("dd", {}, `${instance} since the start`)),
    history?.length ? [h("h3", {}, "Before"), h("ul", {}, [...history].reverse().map((one) => h("li", {}, `${time(one.since)} `, statusBadge(one), one.error ? ` ${one.error}` : "")))] : null,
  ]);
}

async function configurationCard(kind, id, type, signal) {
  const text = await send("GET", `/v1/config/components/${segment(kind)}/${segment(id)}`, { query: { view: "effective" }, accept: "application/yaml", signal }).then(({ body }) => body, nullIfRefused);
  const start = `/${kind}s/${id.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const values = await all("/v1/config", "values", { view: "origin" }, { signal }).catch(nullIfRefused);
  const origins = (values ?? []).filter(({ pointer }) => pointer.startsWith(`${start}/`));
  const table = new Table({
    caption: "Where each value is written", key: (row) => row.pointer,
    columns: [
      { title: "Key", kind: "key", text: (row) => row.pointer.slice(start.length + 1).replaceAll("/", "::") },
      { title: "Value", kind: "value", text: (row) => String(row.value) },
      { title: "From", text: (row) => row.origin },
    ],
  });
  table.update(origins);
  return h(
    "section", { class: "grid" },
    h("div", { class: "card" }, h("h2", {}, "Configuration"), text === null ? h("p", { class: "hint" }, "It has none of its own.") : h("pre", { tabindex: "0", "aria-label": "Configuration" }, text), h("details", { ontoggle: (event) => reference(event.target, kind, type, signal) }, h("summary", {}, "All keys of the type"))),
    h("div", {}, table.element),
  );
}

/** The reference of the type, when somebody opens it. */
async function reference(details, kind, type, signal) {
  if (!details.open || details.dataset.loaded) return;
  details.dataset.loaded = "yes";
  try {
    const schema = await get(`/v1/components/available/${segment(kind)}/${segment(type)}`, {}, signal);
    details.append(h("div", {}, h("p", {}, schema.description ?? ""), keys(schema)));
  } catch (error) {
    delete details.dataset.loaded;
    if (error.name !== "AbortError") toast(error.message, "bad");
  }
}

function keys(schema) {
  const properties = Object.entries(schema.properties ?? {});
  if (!properties.length) return null;
  return h("ul", {}, properties.map(([name, one]) => h("li", {}, h("code", {}, name), one.default !== undefined ? h("span", { class: "hint" }, ` (${JSON.stringify(one.default)})`) : null, " ", one.description ?? "", keys(one))));
}

function logLevel(id) {
  const choice = h("select", { "aria-label": "Log level of the component", onchange: change }, [h("option", { value: "" }, "Log level: standard"), LEVELS.map((level) => h("option", { value: level }, `Log level: ${level}`))]);
  get("/v1/log-levels").then(({ components }) => (choice.value = components[id] ?? ""), () => (choice.hidden = true));
  return choice;

  async function change() {
    const path = `/v1/log-levels/${segment(id)}`;
    try {
      if (choice.value) await send("PUT", path, { body: { level: choice.value }, ifMatch: "*" });
      else await send("DELETE", path, { ifMatch: "*" });
      toast("The log level is set.", "good");
    } catch (error) {
      toast(error.message, "bad");
    }
  }
}

/** A table of events. */
export function eventTable() {
  return new Table({
    caption: "Events, newest first", key: (row) => String(row.id), empty: "Nothing has happened.",
    columns: [
      { title: "When", kind: "time", text: (row) => time(row.time) },
      { title: "What", text: (row) => row.kind, cell: (row) => badge(row.kind.replace(/[._]/g, " "), /failed|denied|rolled/.test(row.kind) ? "bad" : "plain") },
      { title: "Subject", text: (row) => row.subject },
      { title: "Message", text: (row) => row.message },
    ],
  });
}
