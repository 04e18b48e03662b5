// OTLP/JSON as rows that people can read.

/** [{ time, title, note, facts, raw }] of a document with resourceSpans, resourceMetrics, resourceLogs or resourceProfiles. */
export function readable(document) {
  return [
    ...walk(document.resourceSpans, "scopeSpans", "spans", span), ...walk(document.resourceLogs, "scopeLogs", "logRecords", log),
    ...walk(document.resourceMetrics, "scopeMetrics", "metrics", metric), ...walk(document.resourceProfiles, "scopeProfiles", "profiles", profile),
  ];
}

function* walk(resources, scopes, records, read) {
  for (const one of resources ?? []) {
    for (const scope of one[scopes] ?? []) {
      for (const record of scope[records] ?? []) {
        const item = read(record);
        item.facts.push(...attributes(one.resource?.attributes, "resource: "));
        if (scope.scope?.name) item.facts.push(["scope", [scope.scope.name, scope.scope.version].filter(Boolean).join(" ")]);
        item.raw = record;
        const service = one.resource?.attributes?.find(({ key }) => key === "service.name");
        if (service) item.note = `${text(service.value)} · ${item.note}`;
        yield item;
      }
    }
  }
}

const KINDS = ["", "internal", "server", "client", "producer", "consumer"];

function span(record) {
  const took = (Number(record.endTimeUnixNano) - Number(record.startTimeUnixNano)) / 1e6;
  const status = { 1: "ok", 2: "error" }[record.status?.code] ?? record.status?.code ?? "";
  return {
    time: clock(record.startTimeUnixNano), title: record.name ?? "", note: [KINDS[record.kind] ?? record.kind, `${took.toFixed(2)} ms`, status, record.status?.message].filter(Boolean).join(" · "),
    facts: [["trace", record.traceId], ["span", record.spanId], ["parent", record.parentSpanId || "none"], ...attributes(record.attributes), ...(record.events ?? []).map((event) => [`event ${event.name}`, clock(event.timeUnixNano)])],
  };
}

function log(record) {
  return {
    time: clock(record.timeUnixNano ?? record.observedTimeUnixNano), title: text(record.body), note: record.severityText || (record.severityNumber ? `severity ${record.severityNumber}` : ""),
    facts: [...(record.traceId ? [["trace", record.traceId]] : []), ...attributes(record.attributes)],
  };
}

function metric(record) {
  const kind = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"].find((name) => record[name]) ?? "";
  const points = record[kind]?.dataPoints ?? [];
  const value = (point) => point.asDouble ?? point.asInt ?? `count ${point.count ?? 0}, sum ${point.sum ?? 0}`;
  return {
    time: clock(points.at(-1)?.timeUnixNano), title: record.name ?? "", note: [kind, record.unit, `${points.length} point${points.length === 1 ? "" : "s"}`].filter(Boolean).join(" · "),
    facts: points.slice(0, 20).map((point) => [String(value(point)), attributes(point.attributes).map(([name, one]) => `${name}=${one}`).join(", ") || "no attributes"]),
  };
}

/** What its numbers stand for is in a dictionary beside it, so there is little to read but the JSON. */
function profile(record) {
  const samples = record.samples?.length ?? 0;
  return { time: clock(record.timeUnixNano), title: `profile ${record.profileId ?? ""}`, note: `${samples} sample${samples === 1 ? "" : "s"}`, facts: [] };
}

const attributes = (list, before = "") => (list ?? []).map(({ key, value }) => [before + key, text(value)]);

function text(value) {
  if (!value) return "";
  if (value.arrayValue) return `[${(value.arrayValue.values ?? []).map(text).join(", ")}]`;
  if (value.kvlistValue) return `{${(value.kvlistValue.values ?? []).map(({ key, value: inner }) => `${key}: ${text(inner)}`).join(", ")}}`;
  return String(value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? value.bytesValue ?? "");
}

function clock(nanoseconds) {
  const milliseconds = Number(BigInt(nanoseconds ?? 0) / 1_000_000n);
  return milliseconds ? new Date(milliseconds).toISOString().slice(11, 23) : "–";
}
