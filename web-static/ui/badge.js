// A state as a coloured word: the colour says it at a glance, the word to everybody.

import { h } from "../app/element.js";

/** kind: "good", "warn", "bad", "busy" or "plain". */
export const badge = (text, kind = "plain", title) => h("span", { class: `badge ${kind}`, title }, text);

const STATUS = {
  StatusOK: ["OK", "good"], StatusStarting: ["starting", "busy"], StatusRecoverableError: ["error, recoverable", "warn"],
  StatusPermanentError: ["error", "bad"], StatusFatalError: ["fatal error", "bad"], StatusStopping: ["stopping", "busy"],
  StatusStopped: ["stopped", "plain"], StatusNone: ["unknown", "plain"],
};

/** The kind of a component's status, for colours. */
export const statusKind = (state) => STATUS[state]?.[1] ?? "plain";

/** The status of a component; the error that explains it stands beside where there is one. */
export function statusBadge(status) {
  const [text, kind] = STATUS[status?.state] ?? [status?.state ?? "unknown", "plain"];
  return badge(text, kind, status?.error ?? status?.message);
}
