// Numbers, sizes and times for people.

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en");
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

/** 1234567 as 1,234,567. */
export const count = (number) => whole.format(number ?? 0);

/** 1234567 as 1.2M. */
export const short = (number) => (Math.abs(number ?? 0) < 1000 ? whole.format(Math.round((number ?? 0) * 10) / 10) : compact.format(number));

/** Items per second. */
export const rate = (number) => `${short(number)}/s`;

/** 1536 as 1.5 KiB. */
export function bytes(number) {
  let value = number ?? 0;
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (Math.abs(value) < 1024) return `${value < 10 && unit !== "B" ? value.toFixed(1) : Math.round(value)} ${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)} TiB`;
}

/** A share of 1 as a percentage. */
export const percent = (share) => `${(100 * (share ?? 0)).toFixed(share < 0.1 ? 1 : 0)} %`;

/** Seconds as 1h 2m 3s, with the two largest units. */
export function duration(seconds) {
  const total = Math.max(0, Math.round(seconds ?? 0));
  const parts = [
    [Math.floor(total / 86400), "d"], [Math.floor(total / 3600) % 24, "h"], [Math.floor(total / 60) % 60, "m"], [total % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0s";
  return parts.slice(first, first + 2).filter(([value]) => value > 0).map(([value, unit]) => value + unit).join(" ");
}

/** Seconds of a duration as the API writes it: 1h2m3.5s. */
export function seconds(text) {
  let total = 0;
  for (const [, value, unit] of String(text ?? "").matchAll(/([\d.]+)(ns|us|µs|ms|h|m|s)/g)) {
    total += Number(value) * { ns: 1e-9, us: 1e-6, "µs": 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }[unit];
  }
  return total;
}

/** How long ago a time was, as "3 min. ago". */
export function ago(time, now = Date.now()) {
  if (!time) return "never";
  const past = (new Date(time).getTime() - now) / 1000;
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(past) >= size) return relative.format(Math.round(past / size), unit);
  }
  return Math.abs(past) < 2 ? "now" : relative.format(Math.round(past), "second");
}

/** The time of day with the date when it is not today. */
export function time(text) {
  if (!text) return "–";
  const date = new Date(text);
  const clock = date.toLocaleTimeString("en-GB");
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toLocaleDateString("en-CA")} ${clock}`;
}
