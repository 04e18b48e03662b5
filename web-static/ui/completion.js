// What could be written at a place of a YAML document, by the JSON Schema of the document.

/** The keys above a line, outermost first, and the indentation of the line. */
function pathAt(lines, line, column) {
  const indentation = (text) => text.length - text.trimStart().length;
  const current = lines[line].slice(0, column);
  let level = /^\s*(- )?/.exec(current)[0].length;
  const path = [];
  for (let index = line - 1; index >= 0 && level > 0; index -= 1) {
    const text = lines[index];
    if (!text.trim() || text.trimStart().startsWith("#")) continue;
    const match = /^(\s*)(?:- )?([\w./:-]+)\s*:/.exec(text);
    if (!match || indentation(text) >= level) continue;
    level = indentation(text);
    path.unshift(match[2]);
  }
  return path;
}

/** The schema of what stands at a path; null where nothing is known. */
function schemaAt(schema, path) {
  let here = schema;
  for (const key of path) {
    const next = alternatives(here, schema).map((one) => child(one, key)).find(Boolean);
    if (!next) return null;
    here = next;
  }
  return here;
}

function child(schema, key) {
  if (schema.properties?.[key]) return schema.properties[key];
  for (const [pattern, value] of Object.entries(schema.patternProperties ?? {})) if (new RegExp(pattern).test(key)) return value;
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : null;
}

function alternatives(schema, root) {
  if (!schema) return [];
  if (schema.$ref) return alternatives(schema.$ref.slice(2).split("/").reduce((value, key) => value?.[key], root), root);
  return [schema, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((one) => alternatives(one, root))];
}

/** The words that could stand at a position: { from, words }. */
export function completions(schema, lines, line, column) {
  const before = lines[line].slice(0, column);
  const value = /^(\s*(?:- )?)([\w./-]+):\s+([\w./-]*)$/.exec(before);
  const path = pathAt(lines, line, column);
  if (value) return { from: column - value[3].length, words: values(schemaAt(schema, [...path, value[2]]), schema, value[3]) };
  const item = /^\s*- ([\w./-]*)$/.exec(before);
  const words = item ? references(lines, path) : null;
  if (words?.length) return { from: column - item[1].length, words: words.filter(({ text }) => text.startsWith(item[1])) };
  const key = /^(\s*(?:- )?)([\w./-]*)$/.exec(before);
  if (!key) return null;
  return { from: column - key[2].length, words: keys(schemaAt(schema, path), schema, key[2], present(lines, line, key[1].length)) };
}

function keys(found, root, start, present) {
  const words = new Map();
  for (const one of alternatives(found, root)) {
    for (const [name, schema] of Object.entries(one.properties ?? {})) words.set(name, schema.description ?? "");
    for (const [pattern, schema] of Object.entries(one.patternProperties ?? {})) {
      const names = /^\^\(([\w|]+)\)/.exec(pattern)?.[1].split("|") ?? [];
      for (const name of names) words.set(name, schema.description ?? "");
    }
  }
  return [...words]
    .filter(([name]) => name.startsWith(start) && name !== start && !present.has(name))
    .map(([text, note]) => ({ text, insert: `${text}:`, note: shorten(note) }));
}

function values(found, root, start) {
  const words = alternatives(found, root).flatMap((one) => [...(one.enum ?? []), ...([one.type].flat().includes("boolean") ? [true, false] : [])]);
  return [...new Set(words.map(String))].filter((word) => word.startsWith(start)).map((text) => ({ text }));
}

/** The ids that a list of a pipeline, or of the extensions, can name. */
function references(lines, path) {
  const section = path.at(-1);
  if (path[0] !== "service" || !["receivers", "processors", "exporters", "extensions"].includes(section)) return [];
  const found = defined(lines, section);
  return section === "receivers" || section === "exporters" ? [...found, ...defined(lines, "connectors")] : found;
}

function defined(lines, section) {
  const begin = lines.findIndex((text) => text.startsWith(`${section}:`));
  if (begin < 0) return [];
  const words = [];
  let level = null;
  for (const text of lines.slice(begin + 1)) {
    if (/^\S/.test(text) && !text.startsWith("#")) break;
    const match = /^(\s+)([\w./-]+):/.exec(text);
    if (!match) continue;
    level ??= match[1].length;
    if (match[1].length === level) words.push({ text: match[2] });
  }
  return words;
}

/** Keys that stand beside a line already. */
function present(lines, line, level) {
  const found = new Set();
  for (const step of [-1, 1]) {
    for (let index = line + step; index >= 0 && index < lines.length; index += step) {
      const text = lines[index];
      if (!text.trim()) continue;
      const indentation = text.length - text.trimStart().length;
      if (indentation < level) break;
      if (indentation === level) found.add(/^\s*([\w./-]+):/.exec(text)?.[1]);
    }
  }
  return found;
}

const shorten = (text) => (text.length > 70 ? `${text.slice(0, 68)}…` : text);
