// What has happened, of either server: followed as it happens, or the last of it looked up now and then.

import { all, delay, follow, Problem } from "./api.js";

const PATH = "/v1/events";
const PAUSE = 500;

/**
 * Calls onChange with the newest events, newest first, at once and whenever something happens, until the signal ends.
 * When some were missed, as after a restart of the server, they are listed again from the beginning.
 */
export async function followEvents({ signal, limit, onChange, onState }) {
  while (!signal.aborted) {
    let list = (await all(PATH, "events", {}, { signal })).reverse().slice(0, limit);
    onChange(list);
    try {
      return await follow(PATH, {
        signal, onState, query: { after: list[0]?.id ?? 0 },
        onEvent: ({ data }) => {
          if (!data?.id || data.id <= (list[0]?.id ?? 0)) return;
          list = [data, ...list].slice(0, limit);
          onChange(list);
        },
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 410) throw error;
    }
    await delay(PAUSE, signal);
  }
}

/** The newest events that `takes` takes, newest first; only what is new is asked for. */
export class LatestEvents {
  constructor({ limit, takes = () => true }) {
    Object.assign(this, { limit, takes });
    this.list = [];
    this.last = null;
  }

  async load(signal) {
    // With the last one that is known: where it is missing, the server has forgotten some or begun again.
    let found = this.last ? await all(PATH, "events", { after: this.last.id - 1 }, { signal }) : [];
    if (found.length && found[0].id === this.last?.id && found[0].time === this.last.time) {
      found.shift();
    } else {
      found = await all(PATH, "events", {}, { signal });
      this.list = [];
    }
    this.last = found.at(-1) ?? this.last;
    this.list = [...found.filter(this.takes).reverse(), ...this.list].slice(0, this.limit);
    return this.list;
  }
}
