// What stands around every view: the head with the server's name, the sections, who is logged in.

import { h } from "./element.js";
import { may } from "./session.js";
import { toggleTheme } from "./theme.js";

export class Frame {
  /** sections: [{ title, path, routes, needs }], shown in their order to those who may what they need. */
  constructor({ name, build, caller, sections, onLogout }) {
    this.name = name;
    this.links = sections.filter(({ needs }) => !needs || may(needs)).map((section) => ({
      section, link: h("a", { href: `#${section.path}` }, section.title),
    }));
    this.place = h("main", { id: "view", tabindex: "-1" });
    this.navigation = h("nav", { id: "sections", "aria-label": "Sections" }, this.links.map(({ link }) => link));
    const menu = h("button", {
      class: "menu quiet", "aria-label": "Sections", "aria-expanded": "false", "aria-controls": "sections", onclick: () => this.toggle(menu),
    }, "☰");
    this.menu = menu;
    const role = caller.role ?? (caller.roles ?? []).join(", ");
    this.elements = [
      h("a", { class: "skip", href: "#view", onclick: (event) => this.skip(event) }, "Skip to the content"),
      h(
        "header", { class: "head" },
        menu,
        h("a", { class: "brand", href: "#/" }, h("img", { src: "/page/icon.svg", alt: "", width: 26, height: 26 }), h("span", {}, "Apus")),
        h("span", { class: "hint subject" }, `${name} ${build.version}`),
        h("span", { class: "grow" }),
        h("span", { class: "hint who", title: `role: ${role}` }, `${caller.name} · ${role}`),
        h("button", { class: "quiet", "aria-label": "Light or dark", title: "Light or dark", onclick: toggleTheme }, "◐"),
        h("button", { class: "quiet", onclick: onLogout }, "Log out"),
      ),
      h("div", { class: "body" }, this.navigation, this.place),
      h("div", { id: "toasts", role: "status", "aria-live": "polite" }),
    ];
  }

  /** Marks the section that a path belongs to. */
  mark(path) {
    let best = null;
    for (const entry of this.links) {
      const start = entry.section.path;
      const belongs = path === start || (start !== "/" && path.startsWith(`${start}/`));
      if (belongs && (!best || start.length > best.section.path.length)) best = entry;
    }
    for (const entry of this.links) {
      if (entry === best) entry.link.setAttribute("aria-current", "page");
      else entry.link.removeAttribute("aria-current");
    }
    document.title = `${best?.section.title ?? "Apus"} – Apus ${this.name.toLowerCase()}`;
    this.navigation.classList.remove("open");
    this.menu.setAttribute("aria-expanded", "false");
    scrollTo(0, 0);
  }

  toggle(menu) {
    const isOpen = this.navigation.classList.toggle("open");
    menu.setAttribute("aria-expanded", String(isOpen));
  }

  skip(event) {
    event.preventDefault();
    this.place.focus();
  }
}

/** A heading of a view with what can be done there. */
export function heading(title, ...actions) {
  return h("div", { class: "heading" }, h("h1", {}, title), h("div", { class: "actions" }, actions));
}

/** Tells something that happened, for a few seconds; kind: "good", "bad" or nothing. */
export function toast(text, kind = "") {
  const toast = h("div", { class: `toast ${kind}` }, text);
  const place = document.getElementById("toasts");
  if (!place) return;
  place.append(toast);
  while (place.childElementCount > 4) place.firstElementChild.remove();
  setTimeout(() => toast.remove(), kind === "bad" ? 12_000 : 5_000);
}

