// The graph of a pipeline: its receivers, its processors in their order, its exporters, and what passes between them.

import { h, setText } from "../app/element.js";
import { bytes, count, rate } from "../app/format.js";
import { statusKind } from "./badge.js";

/** One pipeline as a row of nodes; which ones there are never changes, what is known of them does. */
export class Lane {
  /**
   * pipeline: { id, receivers, processors, exporters }, each a list of ids.
   * kindOf: (kind, id) => the kind that is shown, since a connector stands in the place of a receiver or exporter.
   * href: (kind, id) => where a node leads to; without it nodes lead nowhere.
   */
  constructor({ id, receivers, processors, exporters }, { kindOf, href = null }) {
    this.shape = Lane.shape({ receivers, processors, exporters });
    this.nodes = [];
    this.edges = [];
    this.note = h("span", { class: "hint" });
    const column = (kind, ids) => h("div", { class: "column" }, ids.map((one) => this.node(kind, one, kindOf(kind, one), href)));
    this.element = h(
      "section", { class: "card lane", "aria-label": `Pipeline ${id}` },
      h("div", { class: "row" }, h("h2", {}, id), this.note),
      h(
        "div", { class: "flow" },
        column("receiver", receivers), this.edge("accepted"),
        processors.map((one) => [this.node("processor", one, "processor", href), this.edge(`after ${one}`)]),
        column("exporter", exporters),
      ),
    );
  }

  /** What makes two pipelines have the same nodes. */
  static shape({ receivers, processors, exporters }) {
    return JSON.stringify([receivers, processors, exporters]);
  }

  node(kind, id, shown, href) {
    const made = new Node(kind, id, shown, href);
    this.nodes.push(made);
    return made.element;
  }

  edge(label) {
    const made = new Edge(label);
    this.edges.push(made);
    return made.element;
  }

  /**
   * note: beside the name. edges: { items, bytes, errors } per second of each edge from left to right, null where it is not known.
   * facts: (kind, id) => { status, note, queue: { size, capacity, unit } } of a node, all of them optional.
   */
  update({ note = "", edges, facts }) {
    setText(this.note, note);
    this.edges.forEach((edge, index) => edge.update(edges[index] ?? null));
    for (const node of this.nodes) node.update(facts(node.kind, node.id) ?? {});
  }
}

/** Shows a lane for each pipeline and keeps those whose nodes are the same. */
export class Lanes {
  element = h("div", { class: "lanes" });
  shown = new Map();

  /** pipelines: as of Lane; options: of Lane, for those that are made now; update: (pipeline) => what Lane.update takes. */
  show(pipelines, options, update) {
    for (const pipeline of pipelines) {
      let lane = this.shown.get(pipeline.id);
      if (lane?.shape !== Lane.shape(pipeline)) {
        const made = new Lane(pipeline, options);
        if (lane) lane.element.replaceWith(made.element);
        else this.element.append(made.element);
        this.shown.set(pipeline.id, (lane = made));
      }
      lane.update(update(pipeline));
    }
    const present = new Set(pipelines.map(({ id }) => id));
    for (const [id, lane] of this.shown) {
      if (present.has(id)) continue;
      lane.element.remove();
      this.shown.delete(id);
    }
  }
}

class Edge {
  constructor(label) {
    this.text = h("span", { class: "rate" });
    this.errors = h("span", { class: "errors" });
    this.element = h("div", { class: "edge", "aria-label": label }, this.text, h("span", { class: "line", "aria-hidden": "true" }), this.errors);
  }

  update(now) {
    setText(this.text, now ? rate(now.items) : "");
    setText(this.errors, now?.errors > 0 ? `${rate(now.errors)} failed` : "");
    this.element.classList.toggle("flows", now?.items > 0);
    // It moves with the figures: an animation would draw sixty times a second, for as long as somebody looks.
    this.element.classList.toggle("step");
    if (now?.bytes === undefined) this.element.removeAttribute("title");
    else this.element.title = `${bytes(now.bytes)}/s`;
  }
}

class Node {
  constructor(kind, id, shown, href) {
    this.kind = kind;
    this.id = id;
    this.dot = h("span", { class: "dot" });
    this.state = h("span", { class: "only-read" });
    this.note = h("span", { class: "note" });
    this.fill = h("span");
    this.bar = h("span", { class: "bar", hidden: true }, this.fill);
    this.element = h(
      href ? "a" : "div", { class: `node ${shown}`, href: href?.(shown, id) },
      h("span", { class: "kind" }, shown), h("span", { class: "name" }, this.dot, id), this.state, this.note, this.bar,
    );
  }

  update({ status = { state: "StatusNone" }, note = "", queue = null }) {
    this.dot.className = `dot ${statusKind(status.state)}`;
    setText(this.state, status.state.replace("Status", ", status "));
    this.element.title = [status.state.replace("Status", ""), status.error ?? status.message].filter(Boolean).join(": ");
    setText(this.note, note);
    this.bar.hidden = !queue;
    if (!queue) return;
    const share = queue.capacity ? Math.min(queue.size / queue.capacity, 1) : 0;
    this.fill.style.width = `${100 * share}%`;
    this.bar.title = `queue: ${count(queue.size)} of ${count(queue.capacity)} ${queue.unit}`;
    this.bar.classList.toggle("full", share > 0.8);
  }
}
