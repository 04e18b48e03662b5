// A table that is filled again and again without being made anew, so that focus, selection and scrolling stay.

import { h } from "../app/element.js";

export class Table {
  /**
   * columns: [{ title, cell: (row) => text or element, text: (row) => string, kind: "number" }].
   * A cell is made again only when its text (or, without `text`, its row) has changed.
   * key: (row) => string. onOpen: (row) => void makes rows open with Enter and a click on the first cell.
   */
  constructor({ columns, key, caption, empty = "Nothing here.", href }) {
    this.columns = columns;
    this.key = key;
    this.href = href;
    this.rows = new Map();
    this.body = h("tbody");
    this.empty = h("p", { class: "empty" }, empty);
    this.element = h(
      "div", { class: "table" },
      h(
        "table", {},
        h("caption", { class: "only-read" }, caption),
        h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col", class: column.kind }, column.title)))),
        this.body,
      ),
      this.empty,
    );
  }

  /** Shows these rows in this order. */
  update(rows) {
    const wanted = new Set();
    let before = null;
    for (const row of rows) {
      const key = this.key(row);
      wanted.add(key);
      let shown = this.rows.get(key);
      if (!shown) {
        shown = { element: h("tr", {}, this.columns.map((column) => h("td", { class: column.kind, "data-title": column.title }))), texts: [] };
        this.rows.set(key, shown);
      }
      this.fill(shown, row);
      const place = before ? before.nextSibling : this.body.firstChild;
      if (shown.element !== place) this.body.insertBefore(shown.element, place);
      before = shown.element;
    }
    for (const [key, shown] of this.rows) {
      if (wanted.has(key)) continue;
      shown.element.remove();
      this.rows.delete(key);
    }
    this.empty.hidden = rows.length > 0;
    this.element.classList.toggle("has-none", rows.length === 0);
  }

  fill(shown, row) {
    this.columns.forEach((column, index) => {
      const text = column.text ? column.text(row) : JSON.stringify(row);
      if (shown.texts[index] === text) return;
      shown.texts[index] = text;
      const content = column.cell ? column.cell(row) : text;
      const link = index === 0 && this.href ? h("a", { href: this.href(row) }, content) : content;
      shown.element.children[index].replaceChildren(...[link].flat().filter((part) => part !== null && part !== undefined && part !== false));
    });
  }
}
