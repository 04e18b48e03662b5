// The fleet at a glance: who is there, in what state, what flows, what changed lately.

import { get, segment } from "../app/api.js";
import { h, setText, show, showOnce } from "../app/element.js";
import { LatestEvents } from "../app/events.js";
import { heading } from "../app/frame.js";
import { count, percent, rate, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { may } from "../app/session.js";
import { Chart } from "../ui/chart.js";
import { Errors } from "../ui/problem.js";
import { driftBadge, isOver, rolloutBadge, standingHint } from "./states.js";

export async function overview(place, parameters, query, signal) {
  const errors = new Errors();
  const tiles = h("section", { class: "tiles", "aria-label": "Figures" });
  const figures = new Map();
  const chart = new Chart({
    series: [{ name: "accepted", colour: "--line-1" }, { name: "delivered", colour: "--line-3" }, { name: "dropped", colour: "--line-4" }], format: rate, label: "Items per second through all agents",
  });
  const drift = h("div", { class: "card" });
  const versions = h("div", { class: "card" });
  const rollouts = h("div", { class: "card" });
  const lately = h("div", { class: "card" });
  const latest = new LatestEvents({ limit: 12 });
  show(
    place, heading("Fleet", may("run-rollouts") ? h("a", { class: "button primary", href: "#/rollouts/new" }, "New rollout") : null), errors.element, tiles,
    h("section", { class: "card" }, chart.element), h("div", { class: "grid" }, drift, versions), h("div", { class: "grid" }, rollouts, lately),
  );
  const tile = (name, address, figure, note) => {
    let made = figures.get(name);
    if (!made) {
      made = { figure: h("div", { class: "figure" }), note: h("div", { class: "hint" }) };
      figures.set(name, made);
      tiles.append(h("a", { class: "tile", href: address }, h("div", { class: "hint" }, name), made.figure, made.note));
    }
    setText(made.figure, figure);
    setText(made.note, note);
  };

  await repeat(2000, signal, async () => {
    const [summary, { rollouts: list }, newest] = await Promise.all([
      get("/v1/summary", {}, signal), get("/v1/rollouts", { page_size: 8 }, signal), latest.load(signal),
    ]);
    tile("Agents", "#/agents", count(summary.agents), `${count(summary.connected)} connected`);
    tile("Healthy", "#/agents?healthy=false", summary.agents ? percent((summary.healthy ?? 0) / summary.agents) : "–", `${count(summary.unhealthy)} unhealthy`);
    tile("As assigned", "#/agents?drift=in_sync", count(summary.drift.in_sync), `${count((summary.drift.failed ?? 0) + (summary.drift.drifted ?? 0))} failed or drifted`);
    tile("Waiting to be let in", "#/enrollment", count(summary.waiting), summary.waiting ? "decide" : "nobody");
    if (summary.items) chart.add(summary.items.accepted, summary.items.delivered, summary.items.dropped);
    showShares(drift, "Configuration", Object.entries(summary.drift).filter(([, number]) => number).map(([state, number]) => ({
      element: driftBadge(state), number, address: `#/agents?drift=${state}`,
    })), summary.agents);
    showShares(versions, "Versions", (summary.versions ?? []).slice(0, 12).map(({ version, agents }) => ({
      element: h("span", {}, version || "unknown"), number: agents, address: `#/agents?version=${segment(version)}`,
    })), summary.agents);
    showOnce(rollouts, list, () => [h("h2", {}, "Rollouts"), list.length ? h("ul", { class: "plain" }, list.map((one) => h(
      "li", { class: "row" }, rolloutBadge(one.state), h("a", { href: `#/rollouts/${segment(one.id)}` }, one.target), h("span", { class: "hint" }, isOver(one.state) ? time(one.since) : `stage ${(one.stage ?? 0) + 1} of ${one.stages}`), [one.reason, standingHint(one.standing)].filter(Boolean).map((text) => h("span", { class: "hint" }, text)),
    ))) : h("p", { class: "hint" }, "None yet.")]);
    showOnce(lately, newest, () => [h("h2", {}, "Lately"), newest.length ? h("ul", { class: "plain" }, newest.map((event) => h("li", {}, h("span", { class: "hint" }, `${time(event.time)} `), event.message || event.kind.replaceAll(/[._]/g, " ")))) : h("p", { class: "hint" }, "Nothing has happened.")]);
  }, errors);
}

function showShares(card, title, rows, total) {
  showOnce(card, rows.map(({ number, address }) => [number, address]), () => [h("h2", {}, title), rows.length ? h("ul", { class: "plain" }, rows.map(({ element, number, address }) => {
    const fill = h("span");
    fill.style.width = `${(100 * number) / (total || 1)}%`;
    return h("li", { class: "share" }, h("a", { href: address }, element), h("span", { class: "number" }, count(number)), h("span", { class: "bar", "aria-hidden": "true" }, fill));
  })) : h("p", { class: "hint" }, "No agent is known.")]);
}
