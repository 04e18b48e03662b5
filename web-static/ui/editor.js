// An editor of text with marks at lines: CodeMirror where it is installed, otherwise a plain text field with the same
// interface.

import { h } from "../app/element.js";

const PLACE = "/page/vendor/codemirror";
const SCRIPTS = ["codemirror.js", "mode/yaml/yaml.js", "addon/hint/show-hint.js", "addon/selection/active-line.js"];
const STYLES = ["codemirror.css", "addon/hint/show-hint.css"];
let library = null;

/** Loads CodeMirror; a promise of its function, or of null when it is not installed. */
function loadLibrary() {
  library ??= (async () => {
    const answer = await fetch(`${PLACE}/codemirror.js`, { method: "HEAD" }).catch(() => null);
    if (!answer?.ok) return null;
    for (const file of STYLES) document.head.append(h("link", { rel: "stylesheet", href: `${PLACE}/${file}` }));
    for (const file of SCRIPTS) {
      await new Promise((resolve, reject) => {
        document.head.append(h("script", { src: `${PLACE}/${file}`, onload: resolve, onerror: reject }));
      });
    }
    return window.CodeMirror ?? null;
  })().catch(() => null);
  return library;
}

/**
 * Makes an editor: { element, hint (of its keys), value(), setValue(text), mark(mistakes), goTo(line, column), focus() }.
 * complete: (lines, line, column) => { from, words: [{ text, note }] } or null.
 */
export async function makeEditor({ value = "", label, onChange = () => {}, complete = null, isReadOnly = false }) {
  const CodeMirror = await loadLibrary();
  return CodeMirror ? new Rich(CodeMirror, { value, label, onChange, complete, isReadOnly }) : new Plain({ value, label, onChange, isReadOnly });
}

class Plain {
  hint = "";

  constructor({ value, label, onChange, isReadOnly }) {
    this.area = h("textarea", {
      class: "code", rows: 28, spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-label": label, value, readonly: isReadOnly,
      oninput: () => onChange(this.value()), onkeydown: (event) => this.indent(event),
    });
    this.element = h("div", { class: "editor plain" }, this.area);
  }

  value() {
    return this.area.value;
  }

  setValue(text) {
    this.area.value = text;
  }

  mark() {}

  goTo(line, column = 1) {
    const lines = this.area.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
    this.area.focus();
    this.area.setSelectionRange(start, start);
    this.area.scrollTop = Math.max(0, (line - 6) * (this.area.scrollHeight / lines.length));
  }

  focus() {
    this.area.focus();
  }

  /** Two spaces for Tab at the end of a word of leading space; elsewhere Tab leaves the field, as keyboards expect. */
  indent(event) {
    if (event.key !== "Tab" || event.shiftKey) return;
    const { selectionStart: at, value } = this.area;
    if (value.slice(value.lastIndexOf("\n", at - 1) + 1, at).trim() !== "") return;
    event.preventDefault();
    this.area.setRangeText("  ", at, this.area.selectionEnd, "end");
  }
}

class Rich {
  hint = "Tab indents; Esc leaves the editor.";

  constructor(CodeMirror, { value, label, onChange, complete, isReadOnly }) {
    this.element = h("div", { class: "editor" });
    this.marks = [];
    this.mirror = CodeMirror(this.element, {
      value, mode: "yaml", lineNumbers: true, tabSize: 2, indentUnit: 2, styleActiveLine: !isReadOnly, readOnly: isReadOnly,
      screenReaderLabel: `${label}. ${this.hint}`,
      gutters: ["CodeMirror-linenumbers", "marks"],
      extraKeys: {
        Tab: (mirror) => mirror.replaceSelection("  "), Esc: () => this.element.closest("main")?.querySelector("button")?.focus(),
        "Ctrl-Space": complete ? () => this.suggest(complete) : null,
      },
    });
    this.mirror.on("change", () => onChange(this.value()));
    if (complete) {
      this.mirror.on("inputRead", (mirror, change) => {
        if (/^[\w/]$/.test(change.text.at(-1))) this.suggest(complete);
      });
    }
    // It measures itself, which it cannot before it is in the document.
    requestAnimationFrame(() => this.mirror.refresh());
  }

  value() {
    return this.mirror.getValue();
  }

  setValue(text) {
    this.mirror.setValue(text);
  }

  /** Marks mistakes: [{ line, column, message, severity }]. */
  mark(mistakes) {
    for (const mark of this.marks) mark.clear();
    this.mirror.clearGutter("marks");
    this.marks = mistakes.filter(({ line }) => line).map(({ line, column = 1, message, severity }) => {
      const text = this.mirror.getLine(line - 1) ?? "";
      const kind = severity === "error" || !severity ? "bad" : "warn";
      this.mirror.setGutterMarker(line - 1, "marks", h("span", { class: `mark ${kind}`, title: message }, "●"));
      return this.mirror.markText({ line: line - 1, ch: column - 1 }, { line: line - 1, ch: Math.max(text.length, column) }, { className: `underlined ${kind}`, attributes: { title: message } });
    });
  }

  goTo(line, column = 1) {
    this.mirror.focus();
    this.mirror.setCursor({ line: line - 1, ch: column - 1 });
    this.mirror.scrollIntoView(null, 120);
  }

  focus() {
    this.mirror.focus();
  }

  suggest(complete) {
    this.mirror.showHint({
      completeSingle: false,
      hint: (mirror) => {
        const { line, ch } = mirror.getCursor();
        const found = complete(mirror.getValue().split("\n"), line, ch);
        if (!found?.words.length) return null;
        return {
          from: { line, ch: found.from }, to: { line, ch },
          list: found.words.map(({ text, insert, note }) => ({
            text: insert ?? text, displayText: text, render: (element) => element.append(h("span", {}, text), note ? h("span", { class: "hint" }, ` ${note}`) : ""),
          })),
        };
      },
    });
  }
}
