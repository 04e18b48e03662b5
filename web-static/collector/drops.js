// Telemetry that did not get where it was meant to go: how much, where, why, and an example.

import { all, segment } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { count, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { badge } from "../ui/badge.js";
import { Errors } from "../ui/problem.js";

export async function drops(place, parameters, query, signal) {
  const list = h("div", { class: "lanes" });
  const errors = new Errors();
  show(place, heading("Drops"), h("p", { class: "hint" }, "Everything the ledger counts as not delivered, by the component and the reason, with the last examples."), errors.element, list);
  let shown = "";
  await repeat(2000, signal, async () => {
    const groups = await all("/v1/drops", "drops", {}, { signal });
    const key = JSON.stringify(groups);
    if (key === shown) return;
    shown = key;
    show(list, groups.length ? groups.sort((a, b) => b.items - a.items).map(card) : h("p", { class: "card empty" }, "Nothing was dropped since the start."));
  }, errors);
}

function card(group) {
  return h(
    "section", { class: "card" },
    h("div", { class: "row" }, h("h2", {}, h("a", { href: `#/components/${group.kind}/${segment(group.component)}` }, group.component)), badge(group.place.replaceAll("_", " "), "bad"),
      h("span", {}, `${count(group.items)} items`), group.pipeline ? h("span", { class: "hint" }, `pipeline ${group.pipeline}`) : null),
    group.examples.map((example) => h(
      "details", {}, h("summary", {}, `${time(example.time)}: ${example.message} (${count(example.items)} items)`),
      example.item ? h("pre", { tabindex: "0", "aria-label": "Example" }, JSON.stringify(example.item, null, 2)) : h("p", { class: "hint" }, "The item was too large to be kept."),
    )),
  );
}
