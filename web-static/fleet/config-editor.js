// A new revision: written, checked against what the agents have, kept. Nothing runs it before a rollout.

import { get, segment, send } from "../app/api.js";
import { h, setText, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { field } from "../ui/dialog.js";
import { makeEditor } from "../ui/editor.js";
import { problem } from "../ui/problem.js";

const START = "receivers:\n  otlp:\n    protocols:\n      grpc:\n        endpoint: localhost:4317\nprocessors:\n  memory_limiter:\n    check_interval: 1s\n    limit_mib: 512\n  batch:\nexporters:\n  otlp_grpc:\n    endpoint: ${var:backend}\nservice:\n  pipelines:\n    traces:\n      receivers: [otlp]\n      processors: [memory_limiter, batch]\n      exporters: [otlp_grpc]\n";

/** What the text above fills in; groups and agents may have other values. */
const VARIABLES = { backend: { type: "string", default: "backend.example:4317" } };

export async function editConfig(place, { name }, query, signal) {
  const path = `/v1/configs/${segment(name)}`;
  const known = await get(path, {}, signal).catch((error) => (error.status === 404 ? null : Promise.reject(error)));
  const before = known ? await get(`${path}/revisions/${segment(query.get("from") ?? known.latest)}`, {}, signal) : null;
  if (before && before.files.length > 1) throw new Error(`${before.reference} has several files; the command line edits these: apus fleet configs push`);
  const file = before?.files[0];
  const declared = before ? before.variables ?? {} : VARIABLES;
  let timer;
  let asked;
  const editor = await makeEditor({ value: file?.body ?? START, label: "Configuration in YAML", onChange: () => later() });
  const findings = h("ul", { class: "mistakes", "aria-label": "Findings" });
  const verdict = h("p", { class: "hint", role: "status" });
  const message = h("input", { maxlength: 500, placeholder: "what changes, and why" });
  const variables = h("textarea", { class: "code", rows: 6, "aria-label": "Variables, JSON", "aria-describedby": "variables-hint", oninput: later, value: Object.keys(declared).length ? JSON.stringify(declared, null, 2) : "" });
  const save = h("button", { class: "primary", onclick: keep }, "Keep as a new revision");
  const failure = h("div");
  show(
    place, heading(known ? `New revision of ${name}` : `New configuration ${name}`), failure,
    h("div", { class: "split" }, editor.element, h(
      "aside", { class: "card" }, h("h2", {}, "Check"), verdict, findings, field("Message", message), editor.hint ? h("p", { class: "hint" }, editor.hint) : null,
      h("details", { open: variables.value !== "" }, h("summary", {}, "Variables"), variables, h("p", { class: "hint", id: "variables-hint" }, "JSON: {\"backend\": {\"type\": \"string\", \"default\": \"…\"}}; used as ${var:backend}.")), save,
    )),
  );
  await check();

  function draft() {
    const text = variables.value.trim();
    return { ...(file?.name ? { files: [{ ...file, body: editor.value() }] } : { body: editor.value() }), ...(text ? { variables: JSON.parse(text) } : {}), ...(before?.partial ? { partial: true } : {}), ...(before?.silence?.length ? { silence: before.silence } : {}) };
  }

  function later() {
    clearTimeout(timer);
    setText(verdict, "Checking…");
    timer = setTimeout(check, 400);
  }

  async function check() {
    const mine = (asked = {});
    try {
      const { body } = await send("POST", `${path}:validate`, { body: draft(), signal });
      if (asked === mine) showFindings(body.findings ?? [], body.valid);
    } catch (error) {
      if (error.name === "AbortError" || asked !== mine) return;
      if (error.errors?.length) showFindings(error.errors, false);
      else show(verdict, problem(error));
    }
  }

  function showFindings(list, isValid) {
    setText(verdict, isValid ? (list.length ? `Valid, with ${list.length} remark${list.length === 1 ? "" : "s"}.` : "Valid.") : "Not valid.");
    save.disabled = !isValid;
    editor.mark(list);
    show(findings, list.map((one) => h("li", { class: one.severity ?? "error" }, h("button", { type: "button", onclick: () => one.line && editor.goTo(one.line, one.column) }, one.line ? h("code", {}, `${one.line}:${one.column ?? 1}`) : null, " ", one.message, one.suggestion ? h("span", { class: "hint" }, ` ${one.suggestion}`) : null))));
  }

  async function keep() {
    save.disabled = true;
    try {
      const { body } = await send("POST", `${path}/revisions`, { body: { ...draft(), message: message.value || undefined } });
      toast(`${body.reference} is kept. Nobody runs it before it is rolled out.`, "good");
      location.hash = `#/configs/${segment(name)}/${body.number}`;
    } catch (error) {
      show(failure, problem(error));
      save.disabled = false;
    }
  }
}
