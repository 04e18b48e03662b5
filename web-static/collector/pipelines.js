// The graph as it runs: one lane for each pipeline, from its receivers over its processors to its exporters.

import { get, segment } from "../app/api.js";
import { h, setText, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { bytes, count, duration, rate, seconds, short } from "../app/format.js";
import { repeat } from "../app/live.js";
import { statusKind } from "../ui/badge.js";
import { Chart } from "../ui/chart.js";
import { Lanes } from "../ui/flow.js";
import { Errors } from "../ui/problem.js";

const EVERY = 1000;
const SIGNALS = ["traces", "metrics", "logs", "profiles"];
const NOTHING = { items: 0, bytes: 0, errors: 0 };

/** What passed in the last second; nothing while that is not known, as just after the start. */
const second = (rates) => rates?.["1s"] ?? NOTHING;

export async function pipelines(place, parameters, query, signal) {
  const chart = new Chart({
    series: [{ name: "accepted", colour: "--line-1" }, { name: "refused and failed", colour: "--line-4" }], format: rate, label: "Items per second",
  });
  const tiles = new Tiles();
  const errors = new Errors();
  const lanes = new Lanes();
  show(place, heading("Pipelines"), tiles.element, h("section", { class: "card" }, chart.element), errors.element, lanes.element);

  await repeat(EVERY, signal, async () => {
    const [{ pipelines: list }, { components }, { queues }, runtime] = await Promise.all([
      get("/v1/pipelines", { page_size: 1000 }, signal), get("/v1/components", { page_size: 1000 }, signal),
      get("/v1/queues", { page_size: 1000 }, signal), get("/v1/runtime", {}, signal),
    ]);
    list.sort((a, b) => SIGNALS.indexOf(a.signal) - SIGNALS.indexOf(b.signal) || a.id.localeCompare(b.id));
    const facts = new Facts(components, queues);
    const byID = new Map(list.map((pipeline) => [pipeline.id, pipeline]));
    lanes.show(
      list.map(({ id, receivers, processors, exporters }) => ({ id, receivers, processors: processors.map((one) => one.id), exporters: exporters.map((one) => one.id) })),
      { kindOf: (kind, id) => facts.find(kind, id)?.kind ?? kind, href: (kind, id) => `#/components/${segment(kind)}/${segment(id)}` },
      ({ id }) => flow(byID.get(id), facts),
    );
    const sum = (of) => list.reduce((total, pipeline) => total + of(pipeline), 0);
    const accepted = sum((pipeline) => second(pipeline.rates).items);
    chart.add(accepted, sum((pipeline) => second(pipeline.rates).errors));
    tiles.update({
      accepted, data: sum((pipeline) => second(pipeline.rates).bytes), held: sum((pipeline) => pipeline.held),
      unwell: components.filter(({ status }) => statusKind(status.state) !== "good").length, components: components.length, runtime,
    });
  }, errors);
}

class Tiles {
  constructor() {
    this.figures = {};
    const tile = (name, title) => {
      this.figures[name] = h("div", { class: "figure" }, "–");
      this.figures[`${name}-note`] = h("div", { class: "hint" });
      return h("div", { class: "tile" }, h("div", { class: "hint" }, title), this.figures[name], this.figures[`${name}-note`]);
    };
    this.element = h(
      "section", { class: "tiles", "aria-label": "Figures" },
      tile("accepted", "Accepted"), tile("held", "On its way"), tile("health", "Components"), tile("uptime", "Running for"),
    );
  }

  update({ accepted, data, held, unwell, components, runtime }) {
    const set = (name, figure, note) => {
      setText(this.figures[name], figure);
      setText(this.figures[`${name}-note`], note);
    };
    set("accepted", rate(accepted), `${bytes(data)}/s`);
    set("held", count(held), "items in processors and queues");
    set("health", `${components - unwell} of ${components}`, unwell ? `${unwell} with a problem` : "all are well");
    set("uptime", duration(seconds(runtime.uptime)), runtime.ready ? "ready for data" : "not ready");
  }
}

/** What is known of components beyond their part in one pipeline. */
class Facts {
  constructor(components, queues) {
    this.components = new Map(components.map((component) => [`${component.kind}/${component.id}`, component]));
    this.queues = new Map(queues.map((queue) => [`${queue.exporter}/${queue.signal}`, queue]));
  }

  /** A component at the beginning or end of a pipeline may be a connector. */
  find(kind, id) {
    return this.components.get(`${kind}/${id}`) ?? this.components.get(`connector/${id}`);
  }
}

/** What is known of a pipeline, for its lane. */
function flow(pipeline, facts) {
  const { processors, exporters, signal } = pipeline;
  return {
    note: pipeline.held ? `${count(pipeline.held)} items on their way` : "",
    edges: [second(pipeline.rates), ...processors.slice(1).map(({ rates }) => second(rates)), ...(processors.length ? [total(exporters)] : [])],
    facts: (kind, id) => ({
      status: facts.find(kind, id)?.status, note: describe(pipeline, kind, id), queue: kind === "exporter" ? facts.queues.get(`${id}/${signal}`) : null,
    }),
  };
}

/** What goes to several exporters is one flow: each gets a copy. */
function total(exporters) {
  const most = { items: 0, bytes: 0, errors: 0 };
  for (const { rates } of exporters) {
    const now = second(rates);
    if (now.items >= most.items) Object.assign(most, { items: now.items, bytes: now.bytes });
    most.errors += now.errors;
  }
  return most;
}

function describe(pipeline, kind, id) {
  if (kind === "processor") {
    const now = pipeline.processors.find((one) => one.id === id);
    const removed = Object.entries(now?.removed ?? {}).filter(([, number]) => number > 0);
    const parts = removed.map(([why, number]) => `${short(number)} ${why.replaceAll("_", " ")}`);
    if (now?.rejected) parts.push(`${short(now.rejected)} rejected`);
    return parts.join(", ");
  }
  if (kind === "exporter") {
    const items = pipeline.exporters.find((one) => one.id === id)?.items ?? {};
    const bad = ["filtered", "refused", "overflowed", "rejected", "failed", "expired", "lost"].filter((name) => items[name] > 0);
    return [`${short(items.delivered ?? 0)} delivered`, ...bad.map((name) => `${short(items[name])} ${name}`)].join(", ");
  }
  return pipeline.refused ? `${short(pipeline.refused)} refused` : "";
}
