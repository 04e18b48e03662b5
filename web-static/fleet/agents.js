// All agents, page by page: searched, chosen by labels, groups and state on the server.

import { all } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading } from "../app/frame.js";
import { ago } from "../app/format.js";
import { repeat } from "../app/live.js";
import { noteQuery } from "../app/router.js";
import { Pager } from "../ui/pager.js";
import { Table } from "../ui/table.js";
import { driftBadge, healthBadge, labelText } from "./states.js";

const DRIFTS = ["in_sync", "pending", "applying", "failed", "drifted", "unmanaged"];

export async function agents(place, parameters, query, signal) {
  const groups = await all("/v1/groups", "groups", {}, { signal });
  const form = h(
    "form", { class: "card row", onsubmit: (event) => event.preventDefault() },
    h("input", { type: "search", name: "search", placeholder: "Search names, labels, attributes", "aria-label": "Search", value: query.get("search") ?? "", size: 28 }),
    h("input", { name: "selector", placeholder: "Selector: env=prod,!canary", "aria-label": "Selector", value: query.get("selector") ?? "", size: 26 }),
    choice("group", "All groups", groups.map(({ name }) => name)), choice("state", "Any connection", ["connected", "disconnected"]),
    choice("drift", "Any configuration state", DRIFTS), choice("healthy", "Any health", [["true", "healthy"], ["false", "unhealthy"]]),
    query.get("version") ? h("input", { type: "hidden", name: "version", value: query.get("version") }) : null,
    query.get("revision") ? h("input", { type: "hidden", name: "revision", value: query.get("revision") }) : null,
  );
  function choice(name, every, values) {
    return h("select", { name, "aria-label": every }, h("option", { value: "" }, every), values.map((one) => {
      const [value, title] = [one].flat().length === 2 ? one : [one, one.replaceAll("_", " ")];
      return h("option", { value, selected: query.get(name) === value }, title);
    }));
  }
  const filters = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()).map(([name, value]) => [name, value.trim()]));
  const table = new Table({
    caption: "Agents", key: (row) => row.uid, href: (row) => `#/agents/${row.uid}`, empty: "No agent is like that.",
    columns: [
      { title: "Agent", text: (row) => row.name || row.uid },
      { title: "State", text: (row) => JSON.stringify([row.connected, row.healthy, row.waiting, row.error]), cell: (row) => [healthBadge(row), row.error ? h("div", { class: "hint" }, row.error) : null] },
      { title: "Configuration", text: (row) => `${row.drift} ${row.revision ?? ""}`, cell: (row) => [driftBadge(row.drift), row.revision ? h("span", { class: "hint" }, ` ${row.revision}`) : null] },
      { title: "Version", text: (row) => row.version ?? "" },
      { title: "Labels", text: (row) => labelText(row.labels), cell: (row) => h("span", { class: "hint" }, labelText(row.labels)) },
      { title: "Last seen", text: (row) => (row.connected ? "now" : ago(row.last_seen)) },
    ],
  });
  const pager = new Pager({ path: "/v1/agents", name: "agents", query: filters, table, signal });
  show(place, heading("Agents"), form, pager.element);
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (signal.aborted) return;
      noteQuery(filters());
      pager.restart();
    }, 250);
  });
  await repeat(5000, signal, () => pager.load());
}
