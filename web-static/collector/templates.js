// Pieces of configuration for common tasks, put where they belong in a document.

/**
 * Puts lines at the end of a section at the top of the document, which is made when it is not there.
 * Throws when the section is written in braces, to which lines cannot be added.
 */
function into(text, section, lines) {
  const all = text.replace(/\n*$/, "\n").split("\n");
  const begin = all.findIndex((line) => new RegExp(`^${section}:`).test(line));
  if (begin < 0) return `${section}:\n${lines.join("\n")}\n${text}`;
  const [, value, comment] = /^\S+?:\s*([^#]*?)\s*(#.*)?$/.exec(all[begin]) ?? [];
  const following = all.slice(begin + 1).find((line) => line.trim() && !line.trim().startsWith("#")) ?? "";
  if (!["", "{}", "null", "~"].includes(value) || /^\s+\{/.test(following)) {
    throw new Error(`“${section}” is written in braces; write one key a line there, and templates can add to it`);
  }
  all[begin] = [`${section}:`, comment].filter(Boolean).join(" ");
  let end = begin + 1;
  while (end < all.length && (/^\s/.test(all[end]) || all[end].startsWith("#"))) end += 1;
  const unit = /^(\s+)\S/.exec(all.slice(begin + 1, end).find((line) => line.trim()) ?? "")?.[1] ?? "  ";
  all.splice(end, 0, ...lines.map((line) => line.replace(/^( {2})+/, (spaces) => unit.repeat(spaces.length / 2))));
  return all.join("\n");
}

export const templates = [
  {
    title: "Send to another collector over OTLP/gRPC",
    add: (text) => into(text, "exporters", ["  otlp_grpc:", "    endpoint: backend.example:4317", "    sending_queue:", "      queue_size: 1000", "    retry_on_failure:", "      max_elapsed_time: 0s"]),
  },
  {
    title: "Keep what cannot be sent on disk",
    add: (text) => into(text, "extensions", ["  file_storage:", "    directory: /var/lib/apus/queue", "    create_directory: true"]),
  },
  { title: "Print telemetry to the log", add: (text) => into(text, "exporters", ["  debug:", "    verbosity: detailed"]) },
  { title: "Refuse data before memory runs out", add: (text) => into(text, "processors", ["  memory_limiter:", "    check_interval: 1s", "    limit_mib: 512"]) },
  { title: "Receive OTLP from other machines", add: (text) => into(text, "receivers", ["  otlp/open:", "    protocols:", "      grpc:", "        endpoint: 0.0.0.0:4317", "      http:", "        endpoint: 0.0.0.0:4318"]) },
];
