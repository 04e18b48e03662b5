// One agent: who it is, how it does, what it ought to run, what it runs and how that came.

import { get, nullIfRefused, segment, send } from "../app/api.js";
import { h, show, showOnce } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { ago, count, rate, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { badge } from "../ui/badge.js";
import { showDifference } from "../ui/diff.js";
import { ask, field } from "../ui/dialog.js";
import { Errors } from "../ui/problem.js";
import { AgentGraph } from "./agent-graph.js";
import { packagesOf } from "./agent-packages.js";
import { driftBadge, healthBadge, labelsOf, labelText } from "./states.js";

export async function agent(place, { uid }, query, signal) {
  const path = `/v1/agents/${segment(uid)}`;
  const errors = new Errors();
  const cards = { facts: h("section", { class: "card" }), health: h("section", { class: "card" }), flow: h("section", { class: "card" }), history: h("section", { class: "card" }) };
  const configuration = h("section", { class: "card" });
  const packages = h("section", { class: "card", hidden: true });
  const graph = new AgentGraph();
  const title = h("div");
  show(place, title, errors.element, h("div", { class: "grid" }, cards.facts, cards.health), graph.element, h("div", { class: "grid" }, cards.flow, cards.history), packages, configuration);
  let shownHash = null;
  let pipelines = [];

  await repeat(2000, signal, async () => {
    const [now, { reports }] = await Promise.all([get(path, {}, signal), get(`${path}/history`, {}, signal)]);
    showOnce(title, [now.name, now.connected, now.healthy, now.drift, now.waiting], () => heading(
      now.name || uid, healthBadge(now), driftBadge(now.drift),
      h("button", { onclick: () => editLabels(path) }, "Labels…"),
      now.drift === "failed" ? h("button", { onclick: () => act(`${path}:retry`, "It is offered again.") }, "Offer again") : null,
      h("button", { onclick: () => restart(path, now) }, "Restart…"), h("button", { class: "danger", onclick: () => revoke(path, now) }, "Revoke…"),
    ));
    showOnce(cards.facts, [now.labels, now.own_labels, now.version, now.connected, now.peer, now.capabilities, now.last_seen], () => [
      h("h2", {}, "Agent"),
      facts([
        ["Instance", h("code", {}, now.uid)], ["Build", now.build ?? now.version], ["Last seen", now.connected ? "now" : `${time(now.last_seen)}, ${ago(now.last_seen)}`], ["First seen", time(now.first_seen)],
        ["Connection", [now.transport, now.peer].filter(Boolean).join(" from ")], ["Labels", labelText(now.labels)], ["Its own labels", labelText(now.own_labels)],
        ["Capabilities", (now.capabilities ?? []).join(", ")], ...Object.entries(now.attributes ?? {}),
      ]),
    ]);
    showOnce(cards.health, now.health, () => [h("h2", {}, "Health"), now.health ? h("ul", { class: "tree" }, tree("agent", now.health)) : h("p", { class: "hint" }, "It does not report its health.")]);
    showOnce(cards.flow, now.rates, () => [h("h2", {}, "Flow"), flow(now.rates)]);
    showOnce(cards.history, reports, () => [h("h2", {}, "Configurations it was given"), reports.length ? h("ul", { class: "plain" }, reports.map((one) => h(
      "li", {}, h("span", { class: "hint" }, `${time(one.time)} `), badge(one.outcome.replace("_", " "), { applied: "good", applying: "busy" }[one.outcome] ?? "bad"), " ", one.revision ?? h("code", {}, one.hash.slice(0, 12)), one.message ? ` – ${one.message}` : "",
    ))) : h("p", { class: "hint" }, "None.")]);
    packages.hidden = !now.packages;
    if (now.packages) showOnce(packages, now.packages, () => packagesOf(now.packages));
    if (now.effective_hash && now.effective_hash !== shownHash) {
      pipelines = await showConfiguration(configuration, path, now, signal);
      shownHash = now.effective_hash;
    } else if (!now.effective_hash) show(configuration, h("h2", {}, "What it runs"), h("p", { class: "hint" }, "It does not report it."));
    graph.update(pipelines, now);
  }, errors);
}

const facts = (pairs) => h("dl", { class: "facts" }, pairs.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

function tree(name, node) {
  const state = node.healthy ? badge(node.status || "healthy", "good") : badge(node.status || "unhealthy", "bad");
  const children = Object.entries(node.components ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return h("li", {}, state, " ", name, node.error ? h("span", { class: "hint" }, ` ${node.error}`) : null, children.length ? h("ul", {}, children.map(([child, one]) => tree(child, one))) : null);
}

function flow(rates) {
  if (!rates) return h("p", { class: "hint" }, "It does not report its data rates.");
  const { queued, ...perSecond } = rates;
  return facts([...Object.entries(perSecond).map(([name, value]) => [name.replaceAll("_", " "), rate(value)]), ["queued", count(queued)]]);
}

/** Shows what it runs; returns its pipelines. */
async function showConfiguration(card, path, now, signal) {
  const { files, pipelines } = await get(`${path}/effective-config`, {}, signal);
  const assigned = now.assignment?.revision ? await assignedText(now.assignment.revision, signal) : null;
  show(card, h("h2", {}, "What it runs"), files.map((file) => h(
    "div", {}, file.name ? h("h3", {}, file.name) : null,
    assigned !== null && files.length === 1 ? h("details", {}, h("summary", {}, `Compared with ${now.assignment.revision}`), showDifference(assigned, file.body)) : null,
    h("pre", { tabindex: "0", "aria-label": "Effective configuration" }, file.body),
  )));
  return pipelines;
}

async function assignedText(reference, signal) {
  const [name, number] = reference.split("@");
  const revision = await get(`/v1/configs/${segment(name)}/revisions/${segment(number)}`, {}, signal).catch(nullIfRefused);
  return revision?.files?.length === 1 ? revision.files[0].body : null;
}

async function act(path, success, body) {
  try {
    await send("POST", path, { body });
    toast(success, "good");
  } catch (error) {
    toast(error.message, "bad");
  }
}

/** Edits the labels as they are now, which may not be as the page shows them. */
async function editLabels(path) {
  const read = await send("GET", path).catch((error) => toast(error.message, "bad"));
  if (!read) return;
  const { body: now, etag } = read;
  const text = Object.entries(now.own_labels).map(([key, value]) => `${key}=${value}`).join("\n");
  await ask({
    title: `Labels of ${now.name || now.uid}`, button: "Save",
    content: field("One a line, key=value", h("textarea", { name: "labels", rows: 8, value: text, class: "code" })),
    action: async (form) => {
      const wanted = labelsOf(form.get("labels"), "\n");
      const removed = Object.keys(now.own_labels).filter((key) => !(key in wanted));
      await send("PATCH", path, { type: "application/merge-patch+json", ifMatch: etag, body: JSON.stringify({ labels: { ...wanted, ...Object.fromEntries(removed.map((key) => [key, null])) } }) });
      toast("The labels are saved.", "good");
    },
  });
}

const restart = (path, now) => ask({ title: `Restart ${now.name || now.uid}?`, button: "Restart", danger: true, content: h("p", {}, "The agent ends and begins again; what it has accepted is kept as its queues are."), action: () => act(`${path}:restart`, "It was told to.") });

const revoke = (path, now) => ask({
  title: `Revoke ${now.name || now.uid}?`, button: "Revoke", danger: true, content: [h("p", {}, "Its connection is closed and its credential is worth nothing from now on."), field("Reason", h("input", { name: "reason" }))],
  action: (form) => act(`${path}:revoke`, "Its credential is revoked.", { reason: form.get("reason") }),
});
