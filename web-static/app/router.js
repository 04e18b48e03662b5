// Which view is shown: what stands behind the # of the address, such as #/pipelines/traces?tab=queue.

import { h, show } from "./element.js";
import { problem } from "../ui/problem.js";

/**
 * Shows views. A route is [pattern, load], where a pattern such as "/agents/:uid" names parameters and load returns
 * a promise of a function (place, parameters, query, signal), which fills the place and stops when the signal ends.
 */
export class Router {
  constructor(place, routes, onChange) {
    this.place = place;
    this.routes = routes.map(([pattern, load]) => ({ parts: pattern.split("/"), load }));
    this.onChange = onChange;
    this.listener = () => this.go();
    addEventListener("hashchange", this.listener);
  }

  /** Shows the view of the address as it is now. */
  async go() {
    this.current?.abort();
    const current = (this.current = new AbortController());
    const [path, query] = (location.hash.slice(1) || "/").split("?");
    // Each view has an element of its own, so that one that was left cannot change what is shown now.
    const element = h("div", { class: "view" });
    show(this.place, element);
    this.onChange(path);
    try {
      const found = this.find(path);
      if (!found) throw new Error(`there is nothing at ${path}`);
      const view = await found.load();
      if (current.signal.aborted) return;
      await view(element, found.parameters, new URLSearchParams(query ?? ""), current.signal);
    } catch (error) {
      if (!current.signal.aborted && error.name !== "AbortError") show(element, problem(error));
    }
  }

  /** Stops the view that is shown, and shows no other. */
  stop() {
    removeEventListener("hashchange", this.listener);
    this.current?.abort();
  }

  find(path) {
    const given = path.split("/").map(decodeURIComponent);
    for (const { parts, load } of this.routes) {
      if (parts.length !== given.length) continue;
      const parameters = {};
      const matches = parts.every((part, index) => {
        if (!part.startsWith(":")) return part === given[index];
        parameters[part.slice(1)] = given[index];
        return given[index] !== "";
      });
      if (matches) return { parameters, load };
    }
    return null;
  }
}

/** Puts a query behind the address without another entry in the history and without showing the view anew. */
export function noteQuery(values) {
  const [path] = (location.hash.slice(1) || "/").split("?");
  const pairs = Object.entries(values).filter(([, value]) => value);
  history.replaceState(null, "", `#${path}${pairs.length ? `?${new URLSearchParams(pairs)}` : ""}`);
}
