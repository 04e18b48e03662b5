// The graph as it runs: one lane for each pipeline, from its receivers over its processors to its exporters.

import { get, segment } from "../app/api.js";
import { h, setText, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { bytes, count, duration, rate, seconds, short } from "../app/format.js";
import { repeat } from "../app/live.js";
import { statusKind } from "../ui/badge.js";
import { Chart } from "../ui/chart.js";
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
  const lanes = h("div", { class: "lanes" });
  show(place, heading("Pipelines"), tiles.element, h("section", { class: "card" }, chart.element), errors.element, lanes);
  const shown = new Map();

  await repeat(EVERY, signal, async () => {
    const [{ pipelines: list }, { components }, { queues }, runtime] = await Promise.all([
      get("/v1/pipelines", { page_size: 1000 }, signal), get("/v1/components", { page_size: 1000 }, signal),
      get("/v1/queues", { page_size: 1000 }, signal), get("/v1/runtime", {}, signal),
    ]);
    list.sort((a, b) => SIGNALS.indexOf(a.signal) - SIGNALS.indexOf(b.signal) || a.id.localeCompare(b.id));
    const facts = new Facts(components, queues);
    for (const pipeline of list) {
      const shape = JSON.stringify([pipeline.receivers, pipeline.processors.map(({ id }) => id), pipeline.exporters.map(({ id }) => id)]);
      let lane = shown.get(pipeline.id);
      if (lane?.shape !== shape) {
        const made = new Lane(pipeline, shape, facts);
        if (lane) lane.element.replaceWith(made.element);
        else lanes.append(made.element);
        shown.set(pipeline.id, (lane = made));
      }
      lane.update(pipeline, facts);
    }
    const present = new Set(list.map(({ id }) => id));
    for (const [id, lane] of shown) {
      if (present.has(id)) continue;
      lane.element.remove();
      shown.delete(id);
    }
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

class Lane {
  constructor(pipeline, shape, facts) {
    this.shape = shape;
    this.nodes = [];
    this.edges = [];
    this.held = h("span", { class: "hint" });
    const node = (kind, id) => {
      const made = new Node(kind, id, pipeline.signal, facts);
      this.nodes.push(made);
      return made.element;
    };
    const edge = (label, value) => {
      const made = new Edge(label, value);
      this.edges.push(made);
      return made.element;
    };
    const column = (elements) => h("div", { class: "column" }, elements);
    this.element = h(
      "section", { class: "card lane", "aria-label": `Pipeline ${pipeline.id}` },
      h("div", { class: "row" }, h("h2", {}, pipeline.id), this.held),
      h(
        "div", { class: "flow" },
        column(pipeline.receivers.map((id) => node("receiver", id))),
        edge("accepted", (now) => now.rates),
        pipeline.processors.map(({ id }, index) => [
          node("processor", id),
          edge(`after ${id}`, (now) => now.processors[index + 1]?.rates ?? total(now.exporters)),
        ]),
        column(pipeline.exporters.map(({ id }) => node("exporter", id))),
      ),
    );
  }

  update(pipeline, facts) {
    setText(this.held, pipeline.held ? `${count(pipeline.held)} items on their way` : "");
    for (const edge of this.edges) edge.update(pipeline);
    for (const node of this.nodes) node.update(pipeline, facts);
  }
}

/** What goes to several exporters is one flow: each gets a copy. */
function total(exporters) {
  const most = { items: 0, bytes: 0, errors: 0 };
  for (const { rates } of exporters) {
    const now = second(rates);
    if (now.items >= most.items) Object.assign(most, { items: now.items, bytes: now.bytes });
    most.errors += now.errors;
  }
  return { "1s": most };
}

class Edge {
  constructor(label, value) {
    this.value = value;
    this.text = h("span", { class: "rate" });
    this.errors = h("span", { class: "errors" });
    this.element = h("div", { class: "edge", "aria-label": label }, this.text, h("span", { class: "line", "aria-hidden": "true" }), this.errors);
  }

  update(pipeline) {
    const now = second(this.value(pipeline));
    setText(this.text, rate(now.items));
    setText(this.errors, now.errors > 0 ? `${rate(now.errors)} failed` : "");
    this.element.classList.toggle("flows", now.items > 0);
    this.element.title = `${bytes(now.bytes)}/s`;
  }
}

class Node {
  constructor(kind, id, signal, facts) {
    this.kind = kind;
    this.id = id;
    this.signal = signal;
    const component = facts.find(kind, id);
    this.dot = h("span", { class: "dot" });
    this.state = h("span", { class: "only-read" });
    this.note = h("span", { class: "note" });
    this.fill = h("span");
    this.bar = h("span", { class: "bar", hidden: true }, this.fill);
    const shown = component?.kind ?? kind;
    this.element = h(
      "a", { class: `node ${shown}`, href: `#/components/${segment(shown)}/${segment(id)}` },
      h("span", { class: "kind" }, shown), h("span", { class: "name" }, this.dot, id), this.state, this.note, this.bar,
    );
  }

  update(pipeline, facts) {
    const status = facts.find(this.kind, this.id)?.status ?? { state: "StatusNone" };
    this.dot.className = `dot ${statusKind(status.state)}`;
    setText(this.state, status.state.replace("Status", ", status "));
    this.element.title = [status.state.replace("Status", ""), status.error ?? status.message].filter(Boolean).join(": ");
    setText(this.note, this.describe(pipeline));
    const queue = this.kind === "exporter" ? facts.queues.get(`${this.id}/${this.signal}`) : null;
    this.bar.hidden = !queue;
    if (queue) {
      const share = queue.capacity ? Math.min(queue.size / queue.capacity, 1) : 0;
      this.fill.style.width = `${100 * share}%`;
      this.bar.title = `queue: ${count(queue.size)} of ${count(queue.capacity)} ${queue.unit}`;
      this.bar.classList.toggle("full", share > 0.8);
    }
  }

  describe(pipeline) {
    if (this.kind === "processor") {
      const now = pipeline.processors.find(({ id }) => id === this.id);
      const removed = Object.entries(now?.removed ?? {}).filter(([, number]) => number > 0);
      const parts = removed.map(([why, number]) => `${short(number)} ${why.replaceAll("_", " ")}`);
      if (now?.rejected) parts.push(`${short(now.rejected)} rejected`);
      return parts.join(", ");
    }
    if (this.kind === "exporter") {
      const items = pipeline.exporters.find(({ id }) => id === this.id)?.items ?? {};
      const bad = ["filtered", "refused", "overflowed", "rejected", "failed", "expired", "lost"].filter((name) => items[name] > 0);
      const parts = [`${short(items.delivered ?? 0)} delivered`, ...bad.map((name) => `${short(items[name])} ${name}`)];
      return parts.join(", ");
    }
    return pipeline.refused ? `${short(pipeline.refused)} refused` : "";
  }
}
