// The words and colours of the states of a fleet.

import { badge } from "../ui/badge.js";

const DRIFT = { in_sync: "good", pending: "busy", applying: "busy", failed: "bad", drifted: "warn", unmanaged: "plain" };
const ROLLOUT = {
  draft: "plain", awaiting_approval: "warn", validating: "busy", running: "busy", paused: "warn", paused_recovery: "warn", frozen: "warn", rolling_back: "bad",
  succeeded: "good", rolled_back: "bad", aborted: "bad", superseded: "plain",
};
const STANDING = { active: "good", stopped: "bad", ended: "plain" };
const PHASE = { healthy: "good", applied: "good", failed: "bad", lost: "bad", stuck: "bad", reverting: "warn", reverted: "warn", applying: "busy", assigned: "busy" };
const words = (state) => String(state ?? "").replaceAll("_", " ");

export const driftBadge = (state) => badge(words(state), DRIFT[state]);
export const rolloutBadge = (state) => badge(words(state), ROLLOUT[state]);
export const standingBadge = (state) => badge(words(state), STANDING[state]);
export const phaseBadge = (phase) => badge(words(phase), PHASE[phase] ?? "plain");
export const verdictBadge = (verdict) => badge(verdict, { pass: "good", fail: "bad", inconclusive: "warn" }[verdict]);
export const isOver = (state) => ["succeeded", "rolled_back", "aborted", "superseded"].includes(state);

/** What a rollout that has succeeded still does for agents that come later, in a few words; nothing when it does nothing. */
export function standingHint(standing) {
  if (standing?.state === "active") return standing.waiting ? `later agents wait for ${standing.waiting}` : "later agents get it";
  return standing?.state === "stopped" ? "later agents do not get it any more" : null;
}

/** Whether an agent is there and well. */
export function healthBadge(agent) {
  if (agent.waiting) return badge("waits to be let in", "warn");
  if (!agent.connected) return badge("away", "plain");
  if (agent.healthy === false) return badge("unhealthy", "bad", agent.error);
  return badge(agent.healthy ? "healthy" : "connected", "good");
}

/** Labels of text, which has one key=value after each separator. */
export function labelsOf(text, separator) {
  return Object.fromEntries(text.split(separator).map((pair) => pair.trim()).filter(Boolean).map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new Error(`“${pair}” is not key=value`);
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  }));
}

/** Labels as text. */
export const labelText = (labels) => Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`).join(", ");
