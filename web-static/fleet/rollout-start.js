// A new rollout: what, to whom, how carefully; what it would do is shown before it begins.

import { all, segment, send } from "../app/api.js";
import { h, setText, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { count } from "../app/format.js";
import { field } from "../ui/dialog.js";
import { problem } from "../ui/problem.js";

export async function startRollout(place, parameters, query, signal) {
  const [configs, groups, plans] = await Promise.all([["/v1/configs", "configs"], ["/v1/groups", "groups"], ["/v1/plans", "plans"]].map(([path, name]) => all(path, name, {}, { signal })));
  const option = (value, title = value, selected = false) => h("option", { value, selected }, title);
  const preview = h("section", { class: "card", "aria-live": "polite" });
  const begin = h("button", { class: "primary", type: "submit", disabled: true }, "Begin");
  const form = h(
    "form", { class: "card", onsubmit: start },
    field("Configuration and revision", h("input", { name: "target", required: true, list: "targets", placeholder: "edge@17", value: query.get("target") ?? "" })), h("datalist", { id: "targets" }, configs.map(({ name, latest }) => option(`${name}@${latest}`))),
    field("Group", h("select", { name: "group" }, option("", "none: by the selector"), groups.map(({ name }) => option(name)))),
    field("Selector", h("input", { name: "selector", placeholder: "env=prod,region in (eu,us); empty is every agent", value: query.get("selector") ?? "" })),
    field("Plan", h("select", { name: "plan" }, option("", "standard: one agent, then a tenth, then all"), plans.map(({ name }) => option(name)))),
    field("When a stage fails", h("select", { name: "on_failure" }, option("", "as the plan says"), option("pause"), option("rollback_stage", "roll the stage back"), option("rollback_all", "roll everything back"))),
    field("Agents that appear later", h("select", { name: "late_joiners" }, option("", "as the plan says"), option("join_if_passed", "join when the rollout has passed"), option("wait", "wait"), option("ignore", "are left alone"))),
    h("label", { class: "row" }, h("input", { type: "checkbox", name: "drop" }), "Less data is expected afterwards"),
    field("Note", h("input", { name: "note", maxlength: 500 })),
    h("details", {}, h("summary", {}, "Gates, windows, approval and other keys"), h("textarea", { name: "further", rows: 6, class: "code", "aria-label": "Further keys, JSON", placeholder: '{"gate": {"min_healthy_time": "5m"}, "window": …}' })),
    h("p", {}), begin,
  );
  let timer;
  let asked;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    begin.disabled = true;
    timer = setTimeout(look, 300);
  });
  show(place, heading("New rollout"), h("div", { class: "split" }, form, preview));
  await look();

  function spec() {
    const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
    if (values.drop) values.expect = "drop";
    const further = values.further ? JSON.parse(values.further) : {};
    delete values.drop;
    delete values.further;
    return { ...further, ...values };
  }

  async function look() {
    const mine = (asked = {});
    let wanted;
    try {
      wanted = spec();
    } catch (error) {
      return show(preview, problem(new Error(`the further keys are not JSON: ${error.message}`)));
    }
    if (!wanted.target) return show(preview, h("h2", {}, "What it would do"), h("p", { class: "hint" }, "Choose a configuration."));
    try {
      const { body } = await send("POST", "/v1/rollouts", { query: { dry_run: "true" }, body: wanted, signal });
      if (asked !== mine) return;
      show(preview, describe(body));
      begin.disabled = body.problems.length > 0 || body.agents === 0;
      setText(begin, body.needs_approval ? "Ask for approval" : "Begin");
    } catch (error) {
      if (error.name !== "AbortError" && asked === mine) show(preview, problem(error));
    }
  }

  async function start(event) {
    event.preventDefault();
    begin.disabled = true;
    try {
      const { body } = await send("POST", "/v1/rollouts", { body: spec() });
      toast(body.state === "awaiting_approval" ? "The rollout waits for the approval of somebody else." : "The rollout has begun.", "good");
      location.hash = `#/rollouts/${segment(body.id)}`;
    } catch (error) {
      show(preview, problem(error));
      begin.disabled = false;
    }
  }
}

function describe(preview) {
  const list = (title, items) => (items?.length ? [h("h3", {}, title), h("ul", {}, items)] : null);
  return [
    h("h2", {}, "What it would do"),
    h("p", {}, h("strong", {}, `${count(preview.agents)} agents`), ` would get ${preview.target}, at most ${count(preview.most_disrupted ?? 0)} of them at once.`),
    preview.needs_approval ? h("p", {}, "A second person has to approve it.") : null,
    preview.problems.length ? h("div", { class: "problem" }, h("strong", {}, "It cannot be started"), h("ul", {}, preview.problems.map((text) => h("li", {}, text)))) : null,
    h("h3", {}, "Stages"),
    h("ol", {}, preview.stages.map((stage) => h("li", {}, `${stage.name}: ${count(stage.agents)} agents (${stage.size})`, stage.offline ? h("span", { class: "hint" }, ` ${count(stage.offline)} of them away`) : null))),
    list("What changes", (preview.changes ?? []).map((change) => h("li", {}, `${change.from ?? "nothing"} → ${change.to} on ${count(change.agents)} agents`))),
    list(`Left out (${count(preview.excluded_count ?? preview.excluded?.length ?? 0)})`, (preview.excluded ?? []).slice(0, 20).map(({ uid, reason }) => h("li", {}, h("a", { href: `#/agents/${uid}` }, uid.slice(0, 13)), ` ${reason}`))),
    list("Other rollouts in the way", (preview.conflicts ?? []).map(({ rollout, agents }) => h("li", {}, h("a", { href: `#/rollouts/${segment(rollout)}` }, rollout), ` has ${count(agents)} of these agents`))),
  ];
}
