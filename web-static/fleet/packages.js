// Sets of packages that agents install, and the versions of each set. They are added with the command line, which has the files.

import { all, get, segment, send } from "../app/api.js";
import { h, show } from "../app/element.js";
import { heading, toast } from "../app/frame.js";
import { bytes, time } from "../app/format.js";
import { repeat } from "../app/live.js";
import { may } from "../app/session.js";
import { badge } from "../ui/badge.js";
import { ask } from "../ui/dialog.js";
import { Pager } from "../ui/pager.js";
import { Errors } from "../ui/problem.js";
import { Table } from "../ui/table.js";

const rollOut = (reference) => h("a", { class: "button", href: `#/rollouts/new?target=${segment(reference)}` }, "Roll out…");

export async function packages(place, parameters, query, signal) {
  const isEditor = may("edit-configurations");
  const table = new Table({
    caption: "Sets of packages", key: (row) => row.name, href: (row) => `#/packages/${segment(row.name)}`, empty: "There is none yet: make one with apus fleet packages add.",
    columns: [
      { title: "Set", text: (row) => row.name }, { title: "Latest", text: (row) => `@${row.latest}` }, { title: "Packages", text: (row) => (row.packages ?? []).join(", ") },
      { title: "Changed", kind: "time", text: (row) => (row.updated ? time(row.updated) : "") }, { title: "By", text: (row) => row.author ?? "" },
      {
        title: "Do", text: (row) => row.reference,
        cell: (row) => h("div", { class: "actions" }, may("run-rollouts") ? rollOut(row.reference) : null, isEditor ? h("button", { class: "danger", onclick: () => remove(row) }, "Delete…") : null),
      },
    ],
  });
  const files = new Table({
    caption: "Files for agents to download", key: (row) => row.sha256, empty: "The manager has no files.",
    columns: [
      { title: "SHA-256", text: (row) => row.sha256, cell: (row) => h("code", { title: row.sha256 }, row.sha256.slice(0, 16)) },
      { title: "Size", kind: "number", text: (row) => bytes(row.size) },
      { title: "Is here", text: (row) => `${row.received} ${row.size}`, cell: (row) => (row.received < row.size ? badge(`${bytes(row.received)} so far`, "busy") : badge("whole", "good")) },
      { title: "Since", kind: "time", text: (row) => (row.time ? time(row.time) : "") },
    ],
  });
  const sets = new Pager({ path: "/v1/package-sets", name: "sets", table, signal });
  const stored = new Pager({ path: "/v1/package-files", name: "files", table: files, signal });
  const keys = await get("/v1/package-keys", {}, signal);
  show(
    place, heading("Packages"), h("p", { class: "hint" }, "Programs and their parts, which agents that accept packages download, check and install; given out by rollouts like configurations."),
    sets.element, h("h2", {}, "Files"), stored.element, keyCard(keys),
  );

  async function remove(row) {
    const done = await ask({
      title: `Delete the set ${row.name}?`, button: "Delete", danger: true, content: h("p", {}, "With all of its versions. Agents keep what they have."),
      action: () => send("DELETE", `/v1/package-sets/${segment(row.name)}`, { ifMatch: "*" }),
    });
    if (!done) return;
    toast("The set is deleted.", "good");
    await sets.refresh();
  }

  await repeat(5000, signal, () => Promise.all([sets.load(), stored.load()]));
}

function keyCard({ keys, signs, algorithm, download_url: address }) {
  return h(
    "section", { class: "card" }, h("h2", {}, "Keys"),
    h("p", {}, signs ? `The manager signs what is added without a signature (${algorithm}).` : "The manager signs nothing itself: packages are added with their signatures.", address ? ` Agents download from ${address}.` : ""),
    keys.map(({ id, own, pem }) => h("details", {}, h("summary", {}, h("code", {}, id), own ? " of the manager" : ""), h("pre", { tabindex: "0", "aria-label": `Key ${id}` }, pem))),
  );
}

export async function packageSet(place, { name }, query, signal) {
  const path = `/v1/package-sets/${segment(name)}`;
  const errors = new Errors();
  const table = new Table({
    caption: "Versions, newest first", key: (row) => String(row.number),
    columns: [
      { title: "Version", text: (row) => row.reference }, { title: "Message", text: (row) => row.message ?? "" },
      { title: "Packages", text: (row) => JSON.stringify(row.packages), cell: (row) => row.packages.map(contents) },
      { title: "By", text: (row) => row.author ?? "" }, { title: "When", kind: "time", text: (row) => (row.created ? time(row.created) : "") },
      ...(may("run-rollouts") ? [{ title: "Do", text: (row) => row.reference, cell: (row) => rollOut(row.reference) }] : []),
    ],
  });
  show(place, heading(name), errors.element, table.element);
  await repeat(5000, signal, async () => {
    table.update(await all(`${path}/versions`, "versions", {}, { signal, limit: 1000 }));
  }, errors);
}

/** A package with its file for each platform. */
function contents({ name, type, version, artefacts }) {
  return h(
    "details", {},
    h("summary", {}, `${name || "(no name)"} ${version} `, type === "addon" ? badge("addon") : null, h("span", { class: "hint" }, ` ${artefacts.length} file${artefacts.length === 1 ? "" : "s"}`)),
    h("ul", { class: "plain" }, artefacts.map((one) => h(
      "li", {}, h("code", {}, one.match || "every agent"), " ", h("code", { title: one.sha256 }, one.sha256.slice(0, 16)), h("span", { class: "hint" }, ` ${one.hosted ? "from the manager" : one.url}, signed with ${one.key}`),
    ))),
  );
}
