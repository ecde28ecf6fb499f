// How values of messages read. Every field may be missing or of another type than expected.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const clockWithSeconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });

export const list = (value) => (Array.isArray(value) ? value : []);
export const object = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});
export const finite = (value) => (typeof value === "number" && Number.isFinite(value) ? value : null);

// Any scalar as text; nothing for what is none.
export function text(value) {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

// "OUT_FOR_DELIVERY" -> "Out for delivery"
export function words(value) {
  const spaced = text(value).replaceAll("_", " ").toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export const money = (value) => (finite(value) === null ? text(value) : value.toFixed(2));

// Milliseconds, from RFC 3339 text or a number of milliseconds; null for anything else.
export function time(value) {
  const ms = typeof value === "string" ? Date.parse(value) : value;
  return finite(ms) !== null && Math.abs(ms) < 8.64e15 ? ms : null;
}

export function clockTime(ms, now = Date.now()) {
  return (Math.abs(ms - now) < 12 * 3600e3 ? clock : day).format(ms);
}

export const exactTime = (ms) => clockWithSeconds.format(ms);

// "in 12 min", "3 min ago"
export function relative(ms, now) {
  const minutes = Math.round((ms - now) / 60e3);
  if (minutes === 0) return "now";
  const size = Math.abs(minutes) < 90 ? `${Math.abs(minutes)} min` : `${Math.round(Math.abs(minutes) / 60)} h`;
  return minutes > 0 ? `in ${size}` : `${size} ago`;
}

export const plural = (n, one, many = one + "s") => `${n} ${n === 1 ? one : many}`;
