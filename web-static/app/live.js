// What is asked for again and again while somebody looks.

import { delay, Problem } from "./api.js";

/**
 * Calls a function now and then every so many milliseconds, one call at a time, until the signal ends; not while
 * the tab is hidden. What the function throws goes to onError, and a server that is away is asked less often.
 */
export async function repeat(milliseconds, signal, work, onError = () => {}) {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await work();
      failures = 0;
    } catch (error) {
      if (error.name === "AbortError" || signal.aborted) return;
      if (error instanceof Problem && error.status === 401) return;
      failures += 1;
      onError(error);
    }
    await delay(Math.min(milliseconds * 2 ** Math.min(failures, 4), 30_000), signal);
    if (document.hidden && !signal.aborted) await visible(signal);
  }
}

function visible(signal) {
  return new Promise((resolve) => {
    const done = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    document.addEventListener("visibilitychange", done);
    signal.addEventListener("abort", done);
  });
}

/** The last so many numbers of something that is measured again and again. */
export class Series {
  constructor(length = 120) {
    this.length = length;
    this.values = [];
  }

  add(value) {
    this.values.push(value);
    if (this.values.length > this.length) this.values.shift();
  }
}
