// The process: what it is, how much it writes to the log, everything about it in one file, and its end.

import { get, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { duration, seconds } from "../app/format.js";
import { may } from "../app/session.js";
import { ask } from "../ui/dialog.js";
import { LEVELS } from "./levels.js";

export async function process(place, parameters, query, signal) {
  const [build, runtime, levels, operations] = await Promise.all([
    get("/v1/build", {}, signal), get("/v1/runtime", {}, signal), get("/v1/log-levels", {}, signal), get("/v1/operations", { page_size: 20 }, signal),
  ]);
  const fact = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
  const isOperator = may("operate");
  const level = isOperator ? h("select", { id: "level", onchange: setLevel }, LEVELS.map((one) => h("option", { value: one, selected: one === levels.level }, one))) : null;
  show(
    place, heading("Process", isOperator ? [h("button", { onclick: collect }, "Download diagnostics"), h("button", { class: "danger", onclick: drain }, "Drain…")] : null),
    h(
      "div", { class: "grid" },
      h("section", { class: "card" }, h("h2", {}, "Program"), h("dl", { class: "facts" }, fact("Version", build.version), fact("Swift", build.swift), fact("Architecture", build.architecture), fact("Process", runtime.pid), fact("Running for", duration(seconds(runtime.uptime))), fact("Ready", runtime.ready ? "yes" : "no"))),
      h("section", { class: "card" }, h("h2", {}, "Log"), h("p", {}, isOperator ? [h("label", { for: "level" }, "Standard level "), level] : `Standard level ${levels.level}`),
        Object.keys(levels.components).length ? h("dl", { class: "facts" }, Object.entries(levels.components).map(([id, one]) => fact(id, one))) : h("p", { class: "hint" }, "No component has a level of its own.")),
      h("section", { class: "card" }, h("h2", {}, "Operations"), operations.operations.length
        ? h("ul", {}, operations.operations.map((one) => h("li", {}, `${one.action} by ${one.actor}: `, one.done ? (one.error ? one.error.title : "done") : "under way")))
        : h("p", { class: "hint" }, "Nothing is under way.")),
    ),
  );

  async function setLevel() {
    try {
      await send("PUT", "/v1/log-levels", { body: { level: level.value }, ifMatch: "*" });
      toast(`The log level is ${level.value}.`, "good");
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async function collect() {
    try {
      const { body } = await send("GET", "/v1/diagnostics");
      const address = URL.createObjectURL(new Blob([JSON.stringify(body, null, 2)], { type: "application/json" }));
      h("a", { href: address, download: `apus-diagnostics-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.json` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async function drain() {
    const done = await ask({
      title: "Drain the collector?", danger: true, button: "Drain", content: h("p", {}, "Nothing new is accepted, what was accepted is delivered, and the process ends."), action: () => send("POST", "/v1/drain"),
    });
    if (done) toast("The collector drains.", "good");
  }
}
