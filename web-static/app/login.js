// Asks for a token.

import { h, show } from "./element.js";
import { get, Problem } from "./api.js";
import { setToken } from "./session.js";

const HOW = {
  Collector: ["apus page", "prints an address with a token in it; or ", "apus token create --role configure", " prints a token."],
  "Fleet manager": [
    "apus fleet tokens create", "prints a token; the first one is in the file ", "admin.token", " of the manager's state directory.",
  ],
};

/** Shows the form in a place; calls done when a token was accepted. */
export function login(place, name, done) {
  const field = h("input", {
    id: "token", type: "password", autocomplete: "current-password", required: true, spellcheck: "false", "aria-describedby": "how refusal",
  });
  const refusal = h("p", { id: "refusal", class: "refusal", role: "alert" });
  const button = h("button", { class: "primary", type: "submit" }, "Log in");
  const [first, middle, second, end] = HOW[name];
  const form = h(
    "form", { class: "card login", onsubmit: submit },
    h("img", { src: "/page/icon.svg", alt: "", width: 44, height: 44 }),
    h("h1", {}, `Apus ${name.toLowerCase()}`),
    h("label", { for: "token" }, "Token"),
    field,
    refusal,
    button,
    h("p", { id: "how", class: "hint" }, h("code", {}, first), " ", middle, h("code", {}, second), end),
  );
  show(place, h("main", { class: "alone" }, form));
  document.title = `Log in – Apus ${name.toLowerCase()}`;
  field.focus();

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    show(refusal);
    setToken(field.value.trim());
    try {
      await get("/v1/whoami");
      await done();
    } catch (error) {
      setToken(null);
      show(refusal, error instanceof Problem && error.status === 401 ? "This token is not valid, or not any more." : error.message);
      button.disabled = false;
      field.select();
    }
  }
}
