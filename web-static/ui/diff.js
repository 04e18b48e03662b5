// The lines by which two texts differ.

import { h } from "../app/element.js";

const BOUND = 4000;

/** [{ kind: "same" | "added" | "removed", text }], by the longest common subsequence of lines. */
export function difference(before, after) {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const same = (text) => ({ kind: "same", text });
  return [...a.slice(0, start).map(same), ...middle(left, right), ...(end ? a.slice(-end) : []).map(same)];
}

function middle(a, b) {
  if (a.length * b.length > BOUND * BOUND / 4) return [...a.map((text) => ({ kind: "removed", text })), ...b.map((text) => ({ kind: "added", text }))];
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i * width + j] = a[i] === b[j] ? table[(i + 1) * width + j + 1] + 1 : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  const lines = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) lines.push({ kind: "same", text: a[i++] }) && (j += 1);
    else if (i < a.length && (j >= b.length || table[(i + 1) * width + j] >= table[i * width + j + 1])) lines.push({ kind: "removed", text: a[i++] });
    else lines.push({ kind: "added", text: b[j++] });
  }
  return lines;
}

/** Shows a difference, with a few lines around each change. */
export function showDifference(before, after, around = 3) {
  const lines = difference(before, after);
  const near = new Set();
  lines.forEach(({ kind }, index) => {
    if (kind === "same") return;
    for (let step = -around; step <= around; step += 1) near.add(index + step);
  });
  if (!near.size) return h("p", { class: "hint" }, "There is no difference.");
  const shown = [];
  lines.forEach(({ kind, text }, index) => {
    if (!near.has(index)) {
      if (near.has(index - 1)) shown.push(h("span", { class: "hint" }, "⋯\n"));
      return;
    }
    const sign = { same: "  ", added: "+ ", removed: "− " }[kind];
    shown.push(kind === "same" ? `${sign}${text}\n` : h("span", { class: kind }, `${sign}${text}`));
  });
  return h("pre", { class: "diff", tabindex: "0", "aria-label": "Difference" }, shown);
}
