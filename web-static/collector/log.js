// What a component wrote to the log last, and what it goes on to write.

import { get, segment } from "../app/api.js";
import { h, setText } from "../app/element.js";
import { time } from "../app/format.js";
import { noteQuery } from "../app/router.js";
import { badge } from "../ui/badge.js";
import { Table } from "../ui/table.js";
import { LEVELS } from "./levels.js";

const LIMIT = 256;
const COLOURS = { warning: "warn", error: "bad", critical: "bad" };

export class ComponentLog {
  /** level: the least that is shown at first; nothing is all of them. */
  constructor(kind, id, level) {
    this.path = `/v1/log-records/${segment(kind)}/${segment(id)}`;
    this.list = [];
    this.newest = null;
    this.choice = h("select", { "aria-label": "Least level", onchange: () => this.choose() }, [
      h("option", { value: "" }, "All levels"), LEVELS.slice(1).map((one) => h("option", { value: one, selected: one === level }, `${one} and worse`)),
    ]);
    this.note = h("span", { class: "hint" });
    this.table = new Table({
      caption: "Log of the component, newest first", key: (row) => `${row.id} ${row.time}`, empty: "It has written nothing of that level.",
      columns: [
        { title: "When", kind: "time", text: (row) => time(row.time) },
        { title: "Level", text: (row) => row.level, cell: (row) => badge(row.level, COLOURS[row.level]) },
        { title: "Message", text: (row) => String(row.id), cell: message },
      ],
    });
    this.element = h("section", { "aria-label": "Log", class: "log" }, h("div", { class: "row" }, h("h2", {}, "Log"), this.choice, this.note), this.table.element);
  }

  /** Asks for what is new; for everything that is kept when the collector has begun again. */
  async load(signal) {
    const known = this.newest;
    // With the newest that is known: where it is missing, the collector has forgotten some or begun again.
    const { records, forgotten } = await get(this.path, { after: known ? known.id - 1 : undefined, page_size: 1000 }, signal);
    if (known && (records[0]?.id !== known.id || records[0].time !== known.time)) {
      [this.list, this.newest] = [[], null];
      return this.load(signal);
    }
    if (known) records.shift();
    this.newest = records.at(-1) ?? known;
    this.list = [...records.reverse(), ...this.list].slice(0, LIMIT);
    setText(this.note, forgotten ? "Older lines are in the log of the process." : "");
    this.fill();
  }

  choose() {
    noteQuery({ level: this.choice.value });
    this.fill();
  }

  fill() {
    const least = LEVELS.indexOf(this.choice.value);
    this.table.update(this.list.filter(({ level }) => LEVELS.indexOf(level) >= least));
  }
}

/** The first line of a message with its fields; what is longer can be opened. */
function message({ message, fields }) {
  const [first, ...rest] = message.split("\n");
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${value}`).join(" ");
  const line = [first, facts ? h("span", { class: "hint" }, ` ${facts}`) : null];
  if (!rest.some((text) => text.trim())) return line;
  return h("details", {}, h("summary", {}, line), h("pre", { tabindex: "0", "aria-label": "Whole message" }, message));
}
