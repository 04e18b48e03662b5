// Makes elements. Text only ever becomes text nodes, so nothing that is shown can become markup.

/**
 * Makes an element: h("button", { class: "primary", onclick: save }, "Save").
 * A property that begins with "on" is a listener; null, undefined and false leave an attribute out, true sets it
 * without a value; "value", "checked" and "selected" are set as properties.
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith("on")) {
      if (value) element.addEventListener(name.slice(2), value);
    } else if (name === "value" || name === "checked" || name === "selected") {
      element[name] = value ?? "";
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value);
    }
  }
  element.append(...flat(children));
  return element;
}

/** Puts these children, and no others, into an element. */
export function show(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Shows what `make` returns, but makes it again only when the value that it shows has changed. */
export function showOnce(element, value, make) {
  const key = JSON.stringify(value ?? null);
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  show(element, make());
}

/** Sets the text of an element only when it changes, so that screen readers are not told the same twice. */
export function setText(element, text) {
  const wanted = String(text);
  if (element.textContent !== wanted) element.textContent = wanted;
  return element;
}
