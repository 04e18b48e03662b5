// A list that the server hands out page by page: however long it is, the browser holds one page.

import { get } from "../app/api.js";
import { h } from "../app/element.js";
import { Errors } from "./problem.js";

export class Pager {
  /** path, name (the key of the elements), query: () => { … } of filters; table: a Table. */
  constructor({ path, name, query = () => ({}), table, signal, size = 50 }) {
    Object.assign(this, { path, name, query, table, signal, size });
    this.tokens = [undefined];
    this.errors = new Errors();
    this.back = h("button", { onclick: () => this.turn(-1), disabled: true }, "‹ Before");
    this.next = h("button", { onclick: () => this.turn(1), disabled: true }, "Next ›");
    this.place = h("span", { class: "hint", role: "status" });
    this.element = h("div", { class: "paged" }, this.errors.element, table.element, h("div", { class: "row pages" }, this.back, this.next, this.place));
  }

  /** Begins again at the first page, as after another filter. */
  async restart() {
    this.tokens = [undefined];
    await this.refresh();
  }

  /** Asks for the page that is shown; an error is told above it. */
  async refresh() {
    await this.load().catch(() => {});
  }

  /** The same for `repeat`, which has to know of errors: they are told and thrown. */
  async load() {
    const wanted = this.tokens.at(-1);
    const asked = (this.asked = {});
    let failure = null;
    try {
      const body = await get(this.path, { page_size: this.size, ...this.query(), page_token: wanted }, this.signal);
      // A later question has been asked meanwhile.
      if (this.asked !== asked) return;
      this.errors.clear();
      this.table.update(body[this.name] ?? []);
      this.following = body.next_page_token;
    } catch (error) {
      if (error.name === "AbortError" || this.asked !== asked) return;
      failure = error;
      this.errors.tell(error);
      this.following = undefined;
    }
    this.back.disabled = this.tokens.length < 2;
    this.next.disabled = !this.following;
    const isOnly = this.tokens.length < 2 && !this.following;
    this.back.hidden = this.next.hidden = isOnly;
    this.place.textContent = isOnly ? "" : `page ${this.tokens.length}`;
    if (failure) throw failure;
  }

  async turn(step) {
    if (step > 0 && this.following) this.tokens.push(this.following);
    if (step < 0) this.tokens.pop();
    await this.refresh();
  }
}
