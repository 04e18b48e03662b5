// One rollout as it goes: stages, gates and their evidence, what failed, and what can be done.

import { segment, send } from "../app/api.js";
import { h, show, showOnce } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { count, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { may } from "../app/session.js";
import { badge } from "../ui/badge.js";
import { ask, field } from "../ui/dialog.js";
import { Errors } from "../ui/problem.js";
import { standingCard } from "./standing.js";
import { isOver, phaseBadge, rolloutBadge, verdictBadge } from "./states.js";

/**
 * The commands, with the states in which each makes sense, and what it needs where that is not to run rollouts.
 * Those that stop a rollout are meant for whatever it does by now, the others for what the page shows.
 */
const COMMANDS = [
  { name: "begin", title: "Begin", states: ["draft"] },
  { name: "approve", title: "Approve…", states: ["awaiting_approval"], needs: "approve-rollouts" },
  { name: "pause", title: "Pause…", states: ["running", "validating"], stops: true },
  { name: "resume", title: "Resume…", states: ["paused", "paused_recovery", "frozen"] },
  { name: "promote", title: "Promote…", states: ["running", "paused"], choice: "Skip the waits of all stages, not only of this one" },
  { name: "rollback", title: "Roll back…", states: ["running", "paused", "paused_recovery", "frozen", "validating"], stops: true, isDanger: true },
  { name: "abort", title: "Abort…", states: ["draft", "awaiting_approval", "validating", "running", "paused", "paused_recovery", "frozen"], stops: true, isDanger: true },
];

/** The same for what a rollout that has succeeded promises to agents that come later. */
const STANDING_COMMANDS = [
  { name: "resume", title: "Resume…", states: ["stopped"], means: "Agents that come later get it again." },
  { name: "abort", title: "Abort…", states: ["active", "stopped"], means: "Agents that come later do not get it any more; those that have it keep it.", stops: true, isDanger: true },
];

export async function rollout(place, { id }, query, signal) {
  const path = `/v1/rollouts/${segment(id)}`;
  const errors = new Errors();
  const parts = Object.fromEntries(["title", "state", "standing", "stages", "gates", "failures", "events", "spec"].map((name) => [name, h("div")]));
  show(place, parts.title, errors.element, parts.state, parts.standing, parts.stages, h("div", { class: "grid" }, parts.gates, parts.failures), h("div", { class: "grid" }, parts.events, parts.spec));
  let over = false;
  let latest = null;

  await repeat(1000, signal, async () => {
    if (over) return;
    latest = await send("GET", path, { signal });
    const now = latest.body;
    showOnce(parts.title, [now.state, now.target], () => heading(now.target, rolloutBadge(now.state), buttons(COMMANDS, now.state)));
    showOnce(parts.state, [now.state, now.reason, now.waiting, now.agents, now.phases], () => [
      now.reason ? h("div", { class: now.state === "succeeded" ? "notice" : "problem", role: "status" }, h("strong", {}, now.reason)) : null,
      h("p", {}, `${count(now.agents)} agents: ${now.selector || "all"}. By ${now.author}, ${time(now.created)}.`, now.approver ? ` Approved by ${now.approver}.` : "", now.waiting ? ` It waits: ${now.waiting}.` : ""),
      h("p", { class: "row" }, Object.entries(now.phases ?? {}).filter(([, number]) => number).map(([phase, number]) => h("span", {}, phaseBadge(phase), ` ${count(number)}`))),
    ]);
    showOnce(parts.standing, [now.standing, now.target], () => (now.standing ? standingCard(now.target, now.standing, buttons(STANDING_COMMANDS, now.standing.state)) : null));
    showOnce(parts.stages, [now.stages, now.stage, now.stage_phase], () => h("ol", { class: "stages", "aria-label": "Stages" }, now.stages.map((stage, index) => stageCard(stage, index === now.stage && !isOver(now.state)))));
    showOnce(parts.gates, now.gates, () => h("section", { class: "card" }, h("h2", {}, "Gates"), now.gates?.length ? [...now.gates].reverse().map(gate) : h("p", { class: "hint" }, "No stage has been judged yet.")));
    showOnce(parts.failures, now.failures, () => h("section", { class: "card" }, h("h2", {}, "Agents with trouble"), now.failures?.length ? h("ul", { class: "plain" }, now.failures.map((one) => h("li", {}, phaseBadge(one.phase), " ", h("a", { href: `#/agents/${one.uid}` }, one.uid.slice(0, 13)), one.reason ? ` ${one.reason}` : ""))) : h("p", { class: "hint" }, "None.")));
    showOnce(parts.events, now.events, () => h("section", { class: "card" }, h("h2", {}, "What happened"), h("ul", { class: "plain" }, [...(now.events ?? [])].reverse().map((event) => h("li", {}, h("span", { class: "hint" }, `${time(event.time)} `), [event.kind.replaceAll("_", " "), event.stage, event.actor && `by ${event.actor}`, event.reason].filter(Boolean).join(" · "))))));
    showOnce(parts.spec, now.spec, () => h("details", { class: "card" }, h("summary", {}, "As it was asked for"), h("pre", { tabindex: "0", "aria-label": "Specification" }, JSON.stringify(now.spec, null, 2))));
    // What it promises is there a moment after it has succeeded, and changes until it ends.
    over = isOver(now.state) && (now.state !== "succeeded" || now.standing?.state === "ended");
  }, errors);

  function buttons(commands, state) {
    return commands.filter(({ states, needs }) => states.includes(state) && may(needs ?? "run-rollouts"))
      .map((one) => h("button", { class: one.isDanger ? "danger" : "", onclick: () => command(path, one, latest) }, one.title));
  }
}

function stageCard(stage, isCurrent) {
  const done = (stage.phases?.healthy ?? 0) + (stage.phases?.applied ?? 0);
  const fill = h("span");
  fill.style.width = `${(100 * done) / (stage.agents || 1)}%`;
  return h(
    "li", { class: "card stage", "aria-current": isCurrent ? "step" : null },
    h("div", { class: "row" }, h("h3", {}, stage.name), badge(stage.state, { done: "good", waiting: "plain" }[stage.state] ?? "busy")),
    h("p", { class: "hint" }, `${stage.size}: ${count(done)} of ${count(stage.agents)} agents${stage.failures ? `, ${count(stage.failures)} failed` : ""}`),
    h("div", { class: "bar", "aria-hidden": "true" }, fill),
  );
}

function gate(report) {
  return h(
    "details", { open: report.verdict !== "pass" },
    h("summary", {}, verdictBadge(report.verdict), ` stage ${report.stage + 1}, ${time(report.time)}`, report.reason ? `: ${report.reason}` : ""),
    h("p", { class: "hint" }, `${count(report.healthy)} healthy, ${count(report.failed)} failed, ${count(report.lost)} lost`),
    h("ul", { class: "plain" }, (report.findings ?? []).map((finding) => h("li", {}, verdictBadge(finding.verdict), ` ${finding.check.replaceAll("_", " ")}: ${finding.summary}`))),
  );
}

async function command(path, { name, title, means, choice, stops, isDanger }, { body: now, etag }) {
  await ask({
    title: `${title.replace("…", "")} ${now.target}?`, button: title.replace("…", ""), danger: isDanger,
    content: [means ? h("p", {}, means) : null, field("Reason", h("input", { name: "reason", maxlength: 500 })), choice ? h("label", { class: "row" }, h("input", { type: "checkbox", name: "all" }), choice) : null],
    action: async (form) => {
      await send("POST", `${path}:${name}`, { ifMatch: stops ? undefined : etag, body: { reason: form.get("reason") || undefined, ...(form.get("all") ? { all: true } : {}) } });
      toast("Done.", "good");
    },
  });
}
