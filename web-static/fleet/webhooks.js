// Where events are sent, and whether they arrive.

import { get, segment, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { ago, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { badge } from "../ui/badge.js";
import { ask, field, tell } from "../ui/dialog.js";
import { Pager } from "../ui/pager.js";
import { Errors } from "../ui/problem.js";
import { Table } from "../ui/table.js";

const OUTCOME = { delivered: "good", failed: "bad", dropped: "bad" };
const NAME = "[A-Za-z0-9][A-Za-z0-9._\\-]*";

export async function webhooks(place, parameters, query, signal) {
  const table = new Table({
    caption: "Webhooks", key: (row) => row.name, href: (row) => `#/webhooks/${segment(row.name)}`, empty: "There is none yet: nobody is told of events.",
    columns: [
      { title: "Webhook", text: (row) => row.name }, { title: "Address", text: (row) => row.url }, { title: "Events", text: (row) => (row.kinds ?? []).join(", ") || "all" },
      { title: "State", text: (row) => String(row.enabled ?? true), cell: (row) => stateBadge(row) }, { title: "Description", text: (row) => row.description ?? "" }, { title: "Changed", text: (row) => (row.updated ? time(row.updated) : "") },
    ],
  });
  const pager = new Pager({ path: "/v1/webhooks", name: "webhooks", table, signal });
  show(place, heading("Webhooks", h("button", { class: "primary", onclick: () => edit(null, null, () => pager.refresh()) }, "New…")), pager.element);
  await repeat(5000, signal, () => pager.load());
}

export async function webhook(place, { name }, query, signal) {
  const path = `/v1/webhooks/${segment(name)}`;
  const errors = new Errors();
  const facts = h("section", { class: "card" });
  const table = new Table({
    caption: "Deliveries, newest first", key: (row) => `${row.event} ${row.time}`, empty: "Nothing has been sent.",
    columns: [
      { title: "When", kind: "time", text: (row) => time(row.time), cell: (row) => h("span", { title: ago(row.time) }, time(row.time)) }, { title: "Event", kind: "number", text: (row) => String(row.event ?? "") },
      { title: "Outcome", text: (row) => row.outcome ?? "", cell: (row) => badge(row.outcome ?? "", OUTCOME[row.outcome]) }, { title: "Tries", kind: "number", text: (row) => String(row.attempts ?? "") },
      { title: "Answer", text: (row) => [row.status || "", row.error ?? ""].filter(Boolean).join(" ") },
    ],
  });
  show(
    place, heading(name, h("button", { onclick: test }, "Send a test"), h("button", { onclick: change }, "Edit…"), h("button", { class: "danger", onclick: remove }, "Delete…")),
    errors.element, facts, h("section", { "aria-label": "Deliveries" }, h("h2", {}, "Deliveries"), table.element),
  );
  const load = async () => {
    const now = await get(path, {}, signal);
    const fact = (title, value) => (value ? [h("dt", {}, title), h("dd", {}, value)] : null);
    show(facts, h("dl", { class: "facts" }, fact("Address", now.url), fact("Events", (now.kinds ?? []).join(", ") || "all"), fact("State", stateBadge(now)), fact("Description", now.description)));
    table.update([...(now.deliveries ?? [])].sort((a, b) => b.time.localeCompare(a.time)));
  };

  async function test(event) {
    event.target.disabled = true;
    try {
      const { body } = await send("POST", `${path}:test`);
      const { outcome, status, error } = body.delivery ?? {};
      if (outcome === "delivered") toast(`The receiver took it (${status}).`, "good");
      else toast(`It has not arrived: ${error || `the answer was ${status}`}`, "bad");
      await load();
    } catch (error) {
      toast(error.message, "bad");
    }
    event.target.disabled = false;
  }

  async function change() {
    try {
      const { body, etag } = await send("GET", path, { signal });
      await edit(body, etag, load);
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message, "bad");
    }
  }

  async function remove() {
    const done = await ask({ title: `Delete the webhook ${name}?`, button: "Delete", danger: true, content: h("p", {}, "What waits to be sent there is not sent any more."), action: () => send("DELETE", path, { ifMatch: "*" }) });
    if (done) location.hash = "#/webhooks";
  }

  await repeat(3000, signal, load, errors);
}

const stateBadge = ({ enabled }) => (enabled === false ? badge("off", "plain") : badge("on", "good"));

/** Makes a webhook, or changes one that was read with its ETag. */
async function edit(row, etag, after) {
  const made = await ask({
    title: row ? `Webhook ${row.name}` : "New webhook", button: "Save",
    content: [
      row ? null : field("Name", h("input", { name: "name", required: true, pattern: NAME }), "letters, digits and . _ -"),
      field("Address", h("input", { name: "url", type: "url", required: true, maxlength: 2048, placeholder: "https://chat.example/hook", value: row?.url ?? "" })),
      field("Events", h("input", { name: "kinds", placeholder: "rollout.*, agent.failed", value: (row?.kinds ?? []).join(", ") }), "kinds with commas between; empty is all"),
      field("Description", h("input", { name: "description", maxlength: 1024, value: row?.description ?? "" })),
      h("label", { class: "row" }, h("input", { type: "checkbox", name: "enabled", checked: row?.enabled ?? true }), "Events are sent"),
    ],
    action: async (form) => (await send("PUT", `/v1/webhooks/${segment(row?.name ?? form.get("name"))}`, {
      ...(row ? { ifMatch: etag } : { ifNoneMatch: "*" }),
      body: {
        url: form.get("url").trim(), kinds: form.get("kinds").split(",").map((kind) => kind.trim()).filter(Boolean), enabled: form.get("enabled") !== null,
        ...(form.get("description") ? { description: form.get("description") } : {}),
      },
    })).body,
  });
  if (!made) return;
  toast("The webhook is saved.", "good");
  if (made.secret) tell({ title: "The secret, shown this once", content: [h("pre", { tabindex: "0", "aria-label": "Secret" }, made.secret), h("p", { class: "hint" }, "Requests are signed with it (HMAC-SHA256), so that the receiver knows who they are from.")] });
  await after();
}
