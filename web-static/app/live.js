// What is asked for again and again while somebody looks.

import { delay, Problem } from "./api.js";

/**
 * Calls a function now and then every so many milliseconds, one call at a time, until the signal ends or the caller
 * may not have it; not while the tab is hidden. What the function throws is told in `errors` until it succeeds again,
 * and a server that is away is asked less often.
 */
export async function repeat(milliseconds, signal, work, errors = null) {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await work();
      failures = 0;
      errors?.clear();
    } catch (error) {
      if (error.name === "AbortError" || signal.aborted) return;
      if (error instanceof Problem && error.status === 401) return;
      failures += 1;
      errors?.tell(error);
      if (error instanceof Problem && error.status === 403) return;
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
