// Talks to the API of the server that the page is from.

import { token } from "./session.js";

/** What the API said instead of doing what it was asked (RFC 9457). */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `the server answered ${status}`);
    this.name = "Problem";
    this.status = status;
    this.title = body?.title ?? "The server refused";
    this.detail = body?.detail ?? "";
    this.type = body?.type ?? "";
    /** Mistakes in a document, each with its place. */
    this.errors = body?.errors ?? body?.diagnostics ?? [];
    this.body = body ?? {};
  }
}

/** No answer came at all. */
class Unreachable extends Error {
  constructor(cause) {
    super("the server does not answer");
    this.name = "Unreachable";
    this.cause = cause;
  }
}

const listeners = new Set();

/** Calls a function whenever a request was refused for want of a (valid) token. */
export function onUnauthenticated(listener) {
  listeners.add(listener);
}

function headers(options) {
  const fields = { accept: options.accept ?? "application/json" };
  const bearer = token();
  if (bearer) fields.authorization = `Bearer ${bearer}`;
  if (options.ifMatch) fields["if-match"] = options.ifMatch;
  if (options.ifNoneMatch) fields["if-none-match"] = options.ifNoneMatch;
  return fields;
}

/** The path with a query of the values that are there. */
export function address(path, query) {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

/** A segment of a path. */
export const segment = encodeURIComponent;

/**
 * Sends a request and returns { status, body, etag, fields }; what takes its time is waited for.
 * options: query, body (an object is sent as JSON, a string as it is), type, accept, ifMatch, ifNoneMatch, signal.
 */
export async function send(method, path, options = {}) {
  const fields = headers(options);
  let body = options.body;
  if (body !== undefined) {
    fields["content-type"] = options.type ?? "application/json";
    if (typeof body !== "string") body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(address(path, options.query), { method, headers: fields, body, signal: options.signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(error);
  }
  const text = await response.text();
  const isJSON = /[/+]json\s*(;|$)/.test(response.headers.get("content-type") ?? "");
  const content = isJSON && text ? JSON.parse(text) : text;
  if (!response.ok) {
    if (response.status === 401) for (const listener of listeners) listener();
    throw new Problem(response.status, isJSON ? content : { detail: text });
  }
  const location = response.headers.get("location") ?? "";
  if (response.status === 202 && location.startsWith("/v1/operations/")) return outcome(location, options.signal);
  return { status: response.status, body: content, etag: response.headers.get("etag"), fields: response.headers };
}

/** What an operation that is under way comes to: its answer, or its problem. */
async function outcome(path, signal) {
  for (;;) {
    const { status, body, fields } = await send("GET", path, { query: { wait: "20s" }, signal });
    if (!body.done) continue;
    if (body.error) throw new Problem(body.error.status, body.error);
    return { status, body: body.response ?? null, etag: null, fields };
  }
}

/** The body of a GET. */
export async function get(path, query, signal) {
  return (await send("GET", path, { query, signal })).body;
}

/** For what may be missing: null in the place of a refusal; other errors are thrown on. */
export function nullIfRefused(error) {
  if (error instanceof Problem) return null;
  throw error;
}

/**
 * All elements of a list, page after page, up to a bound.
 * For lists that are known to be short; long ones are shown page by page.
 */
export async function all(path, name, query, { limit = 5000, signal } = {}) {
  const elements = [];
  let page;
  do {
    const body = await get(path, { page_size: 1000, ...query, page_token: page }, signal);
    elements.push(...(body[name] ?? []));
    page = body.next_page_token;
  } while (page && elements.length < limit);
  return elements;
}

/**
 * Follows server-sent events with a callback for each: { id, event, data }, data being parsed JSON.
 * Connects again, where it was, until the signal ends it; a refusal ends it with the problem, and without `again`
 * whatever else goes wrong does too.
 */
export async function follow(path, { query, signal, onEvent, onState = () => {}, again = true }) {
  let last = null;
  let wait = 500;
  for (;;) {
    try {
      const fields = headers({ accept: "text/event-stream" });
      if (last !== null) fields["last-event-id"] = last;
      const response = await fetch(address(path, query), { headers: fields, signal });
      if (!response.ok) {
        const text = await response.text();
        let body = {};
        try {
          body = JSON.parse(text);
        } catch {
          body = { detail: text };
        }
        if (response.status === 401) for (const listener of listeners) listener();
        throw new Problem(response.status, body);
      }
      onState("open");
      for await (const event of events(response.body)) {
        wait = 500;
        if (event.id !== undefined) last = event.id;
        onEvent(event);
      }
    } catch (error) {
      if (error.name === "AbortError" || signal?.aborted) return;
      if (error instanceof Problem && (!again || (error.status !== 429 && error.status < 500))) throw error;
      if (!again) throw new Unreachable(error);
    }
    if (!again || signal?.aborted) return;
    onState("waiting");
    await delay(wait * (0.5 + Math.random()), signal);
    if (signal?.aborted) return;
    wait = Math.min(wait * 2, 15_000);
  }
}

/** Waits; returns early when the signal ends. */
export function delay(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
  });
}

async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    let end;
    while ((end = rest.indexOf("\n\n")) >= 0) {
      const event = parse(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (event) yield event;
    }
  }
}

function parse(block) {
  const event = { event: "message" };
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith(":")) continue;
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data += (data ? "\n" : "") + value;
    else if (name === "id") event.id = value;
    else if (name === "event") event.event = value;
  }
  if (!data) return null;
  try {
    event.data = JSON.parse(data);
  } catch {
    event.data = data;
  }
  return event;
}
