// The graph of what an agent runs, with the health and the rates that it reported.

import { h } from "../app/element.js";
import { count, rate } from "../app/format.js";
import { Lanes } from "../ui/flow.js";

const KNOWN = ["StatusOK", "StatusStarting", "StatusRecoverableError", "StatusPermanentError", "StatusFatalError", "StatusStopping", "StatusStopped"];

export class AgentGraph {
  constructor() {
    this.lanes = new Lanes();
    this.element = h("section", { "aria-label": "Graph", hidden: true }, h("h2", {}, "Graph"), this.lanes.element);
  }

  /** pipelines: of its configuration; agent: as the API answers it. */
  update(pipelines, agent) {
    this.element.hidden = pipelines.length === 0;
    const healths = (id) => agent.health?.components?.[`pipeline:${id}`]?.components ?? {};
    // Which of the ends are connectors is not in the pipelines; the health says it, whatever pipeline it is of.
    const names = new Set(pipelines.flatMap(({ id }) => Object.keys(healths(id))));
    this.lanes.show(pipelines, { kindOf: (kind, id) => (kind !== "processor" && names.has(`connector:${id}`) ? "connector" : kind) }, (pipeline) => {
      const now = agent.pipeline_rates?.find(({ id }) => id === pipeline.id) ?? (pipelines.length === 1 ? agent.rates : undefined);
      const known = healths(pipeline.id);
      return {
        note: now ? sums(now) : "", edges: edges(pipeline, now),
        facts: (kind, id) => ({ status: status(known[`${kind}:${id}`] ?? known[`connector:${id}`]) }),
      };
    });
  }
}

/** What is told is what comes in and what goes out; in between nothing is known. */
function edges({ processors }, now) {
  if (!now) return [];
  const [accepted, refused, dropped] = [now.accepted, now.refused ?? 0, now.dropped ?? 0];
  if (!processors.length) return [{ items: accepted, errors: refused + dropped }];
  return [{ items: accepted, errors: refused }, ...processors.slice(1).map(() => null), { items: now.delivered, errors: dropped }];
}

function sums(now) {
  const parts = ["accepted", "delivered", "filtered", "dropped"].filter((name) => now[name] > 0 || name === "accepted").map((name) => `${rate(now[name])} ${name}`);
  return [...parts, now.queued ? `${count(now.queued)} queued` : ""].filter(Boolean).join(", ");
}

/** The status of a component as that of a collector; other agents have other words for it. */
function status(health) {
  if (!health) return undefined;
  const state = KNOWN.includes(health.status) ? health.status : health.healthy ? "StatusOK" : "StatusPermanentError";
  return { state, error: health.error };
}
