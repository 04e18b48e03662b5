// The configuration: edit, see mistakes at their line, see what a change does, apply it, confirm it or go back.

import { get, send } from "../app/api.js";
import { h, setText, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { duration, seconds } from "../app/format.js";
import { repeat } from "../app/live.js";
import { badge } from "../ui/badge.js";
import { completions } from "../ui/completion.js";
import { showDifference } from "../ui/diff.js";
import { ask, field } from "../ui/dialog.js";
import { makeEditor } from "../ui/editor.js";
import { problem } from "../ui/problem.js";
import { planView } from "./plan.js";
import { templates } from "./templates.js";

const PAUSE = 400;

export async function configuration(place, parameters, query, signal) {
  const [running, schema] = await Promise.all([load(signal), get("/v1/schema", {}, signal)]);
  const view = new ConfigurationView(running, schema, signal);
  await view.build(place);
  await repeat(1000, signal, () => view.watch());
}

/** The active configuration as YAML, with its ETag. */
async function load(signal) {
  const { body, etag } = await send("GET", "/v1/config", { query: { view: "raw" }, accept: "application/yaml", signal });
  return { text: body, etag };
}

class ConfigurationView {
  constructor(running, schema, signal) {
    /** What the text in the editor is a change of. */
    this.running = running;
    /** What runs since somebody else applied it, while there are changes here that were not begun from it. */
    this.newer = null;
    /** Another one with each beginning and end of an apply here. */
    this.turn = {};
    this.schema = schema;
    this.signal = signal;
    this.state = h("div", { class: "row" });
    this.confirmation = h("div");
    this.mistakes = h("ul", { class: "mistakes", "aria-label": "Mistakes" });
    this.verdict = h("p", { class: "hint", role: "status" });
    this.result = h("div");
    this.apply = h("button", { class: "primary", disabled: true, onclick: () => this.propose() }, "See the plan and apply…");
    this.reset = h("button", { disabled: true, onclick: () => this.startOver() }, "Start over");
  }

  async build(place) {
    this.editor = await makeEditor({
      value: this.running.text, label: "Configuration in YAML", onChange: () => this.changed(),
      complete: (lines, line, column) => completions(this.schema, lines, line, column),
    });
    const choice = h("select", { "aria-label": "Insert a template", onchange: () => this.insert(choice) }, [
      h("option", { value: "" }, "Insert a template…"), templates.map(({ title }, index) => h("option", { value: index }, title)),
    ]);
    show(
      place,
      heading("Configuration", this.state, h("a", { class: "button", href: "#/configuration/revisions" }, "History"), h("button", { onclick: () => this.reload() }, "Read the files again")),
      this.confirmation,
      h(
        "div", { class: "split" },
        h("div", {}, this.editor.element),
        h(
          "aside", { class: "card" },
          h("h2", {}, "Change"), this.verdict, this.mistakes,
          h("div", { class: "row" }, this.apply, this.reset), choice,
          h("p", { class: "hint" }, `Ctrl-Space completes keys. ${this.editor.hint} Comments are not kept by the API: keep the file for them.`),
        ),
      ),
      this.result,
    );
    this.changed();
  }

  get isChanged() {
    return this.editor.value() !== this.running.text;
  }

  changed() {
    clearTimeout(this.timer);
    this.reset.disabled = !this.isChanged && !this.newer;
    this.apply.disabled = true;
    if (!this.isChanged) {
      setText(this.verdict, this.newer ? "This is what ran before." : "This is what runs.");
      show(this.mistakes);
      this.editor.mark([]);
      return;
    }
    setText(this.verdict, "Checking…");
    this.timer = setTimeout(() => this.validate(), PAUSE);
  }

  async validate() {
    const text = this.editor.value();
    try {
      const { body } = await send("POST", "/v1/config:validate", { body: text, type: "application/yaml", signal: this.signal });
      if (text !== this.editor.value()) return;
      this.showMistakes(body.diagnostics ?? [], body.valid);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.errors?.length) this.showMistakes(error.errors, false);
      else {
        setText(this.verdict, "");
        show(this.mistakes, h("li", {}, problem(error)));
      }
    }
  }

  showMistakes(list, isValid) {
    const worst = list.filter(({ severity }) => severity === "error").length;
    setText(this.verdict, isValid ? (list.length ? `Valid, with ${list.length} remarks.` : "Valid.") : `${worst || list.length} mistake${(worst || list.length) === 1 ? "" : "s"}.`);
    this.apply.disabled = !isValid;
    this.editor.mark(list);
    show(this.mistakes, list.map((one) => h(
      "li", { class: one.severity ?? "error" },
      h("button", { type: "button", onclick: () => one.line && this.editor.goTo(one.line, one.column) },
        one.line ? h("code", {}, `${one.line}:${one.column ?? 1}`) : null, " ", one.message, one.hint ? h("span", { class: "hint" }, ` ${one.hint}`) : null),
    )));
  }

  startOver() {
    this.adopt();
    this.editor.setValue(this.running.text);
    this.changed();
  }

  insert(choice) {
    const template = templates[Number(choice.value)];
    try {
      if (choice.value !== "" && template) this.editor.setValue(template.add(this.editor.value()));
    } catch (error) {
      toast(error.message, "bad");
    }
    choice.value = "";
    this.changed();
  }

  async propose() {
    const text = this.editor.value();
    let plan;
    try {
      ({ body: plan } = await send("POST", "/v1/config:plan", { body: text, type: "application/yaml" }));
    } catch (error) {
      return show(this.result, problem(error));
    }
    const applied = await ask({
      title: "Apply this change?",
      content: [
        planView(plan),
        h("details", {}, h("summary", {}, "Lines that differ"), showDifference(this.running.text, text)),
        field("Reason", h("input", { name: "reason", placeholder: "for the history and the audit log", maxlength: 500 })),
        field("Go back by itself unless confirmed within", h("select", { name: "confirm" }, [["60s", "1 minute"], ["5m", "5 minutes"], ["", "never: it counts as confirmed"]].map(([value, title]) => h("option", { value }, title)))),
        h("label", { class: "row" }, h("input", { type: "checkbox", name: "drop" }), "Less data is expected: do not go back because of that"),
      ],
      button: "Apply",
      action: (form) => this.put(text, form),
    });
    if (!applied) return;
    toast(`Revision ${applied.revision.number} runs.`, "good");
    show(this.result);
    await this.refresh().catch((error) => show(this.result, problem(error)));
  }

  async put(text, form) {
    // What comes of it is told once it is known, and not taken for the change of somebody else.
    [this.isApplying, this.turn] = [true, {}];
    try {
      const { body } = await send("PUT", "/v1/config", {
        body: text, type: "application/yaml", ifMatch: this.running.etag,
        query: { confirm_within: form.get("confirm"), reason: form.get("reason"), expect_drop: form.get("drop") ? "true" : "" },
      });
      this.shownRevision = body.revision.id;
      return body;
    } finally {
      [this.isApplying, this.turn] = [false, {}];
    }
  }

  async refresh() {
    this.running = await load(this.signal);
    this.changed();
    await this.watch();
  }

  /** Shows where the configuration stands, and follows what others change. */
  async watch() {
    const { turn } = this;
    const state = await get("/v1/config/state", {}, this.signal);
    if (this.isApplying || turn !== this.turn) return;
    const key = JSON.stringify([state.active, state.confirmed?.id, state.last_failed?.number]);
    const left = state.confirm_within ? Math.ceil(seconds(state.confirm_within)) : 0;
    if (key !== this.key) {
      this.key = key;
      show(this.state, badge(`revision ${state.active.number}`, "plain", state.active.id), badge(state.active.status, state.active.status === "confirmed" ? "good" : "busy"));
      this.showConfirmation(state, left);
      const before = this.shownRevision;
      this.shownRevision = state.active.id;
      if (before && before !== state.active.id) {
        await this.follow(state, before).catch((error) => {
          [this.key, this.shownRevision] = [null, before];
          throw error;
        });
      }
    }
    if (this.countdown) setText(this.countdown, duration(left));
  }

  /** Another revision runs now: after a way back, or a change elsewhere. */
  async follow({ active, last_failed: failed }, before) {
    const [wasChanged, kept] = [this.isChanged, this.editor.value()];
    const running = await load(this.signal);
    if (failed?.id === before) {
      show(this.result, h("div", { class: "problem", role: "alert" }, h("strong", {}, `Revision ${failed.number} was taken back`), h("p", {}, failed.reason ?? ""), h("p", {}, "The configuration before it runs again; your text is still in the editor.")));
      toast(`Revision ${failed.number} was taken back.`, "bad");
    } else if (wasChanged && kept !== running.text) {
      this.newer = running;
      return this.showNewer(active);
    } else {
      show(this.result);
      this.editor.setValue(running.text);
    }
    this.newer = null;
    this.running = running;
    this.changed();
  }

  /** The text here was not begun from what runs now, so applying it is refused until somebody decides. */
  showNewer({ number, origin, reason }) {
    show(this.result, h(
      "div", { class: "problem", role: "alert" },
      h("strong", {}, `Revision ${number} runs now, and your text was begun from the one before`),
      h("p", {}, `It is by ${origin.actor}${reason ? `: ${reason}` : ""}. Your text cannot be applied as it is, since that would undo this change unseen.`),
      h("details", {}, h("summary", {}, "What has changed meanwhile"), showDifference(this.running.text, this.newer.text)),
      h("div", { class: "row" }, h("button", { onclick: () => this.startOver() }, "Start over from what runs"), h("button", { class: "danger", onclick: () => this.adopt() }, "Keep my text, to replace it")),
    ));
  }

  /** Takes what runs now for what the text is a change of. */
  adopt() {
    if (!this.newer) return;
    this.running = this.newer;
    this.newer = null;
    show(this.result);
    this.changed();
  }

  showConfirmation(state, left) {
    this.countdown = null;
    if (!state.confirm_within) return show(this.confirmation);
    this.countdown = h("strong", {}, duration(left));
    show(this.confirmation, h(
      "div", { class: "notice row", role: "status" },
      h("span", {}, `Revision ${state.active.number} runs and waits to be confirmed. It is taken back in `, this.countdown, "."),
      h("span", { class: "grow" }),
      h("button", { class: "primary", onclick: (event) => this.act(event.target, "POST", "/v1/config:confirm", { revision: state.active.id }, "Confirmed.") }, "Confirm"),
      h("button", { class: "danger", onclick: (event) => this.act(event.target, "POST", "/v1/config:rollback", { reason: "taken back on the page" }, "The configuration before runs again.") }, "Take back"),
    ));
  }

  async act(button, method, path, body, success) {
    button.disabled = true;
    try {
      await send(method, path, { body });
      toast(success, "good");
    } catch (error) {
      show(this.result, problem(error));
    }
    button.disabled = false;
    await this.watch().catch(() => {});
  }

  async reload() {
    try {
      const { body } = await send("POST", "/v1/config:reload");
      toast(body.plan.empty ? "The files say what runs already." : `Revision ${body.revision.number} runs.`, "good");
      await this.watch();
    } catch (error) {
      show(this.result, problem(error));
    }
  }
}
