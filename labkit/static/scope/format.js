// Numbers for people: times, rates, values, in the units that they are used to.
const TIME = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];
const RATE = [[1e6, "MHz"], [1e3, "kHz"], [1, "Hz"], [1e-3, "mHz"]];

const figures = (value, digits) => Number(value.toPrecision(digits)).toString().replace("-", "−");

function scaled(value, units, digits) {
  const size = Math.abs(value);
  const [scale, unit] = units.find(([step]) => size >= step * 0.9995) ?? units.at(-1);
  return `${figures(value / scale, digits)} ${unit}`;
}

export const seconds = (value, digits = 4) => (value === 0 ? "0 s" : scaled(value, TIME, digits));
export const hertz = (value, digits = 4) => (value === 0 ? "0 Hz" : scaled(value, RATE, digits));
export const percent = (value) => `${figures(100 * value, 3)} %`;
export const quantity = (value, unit) => `${figures(value, 4)}${unit ? ` ${unit}` : ""}`;

// An instant of lab time, to the nanosecond: 83.214 216 5 s.
export function instant(ns) {
  const whole = Math.floor(ns / 1e9), rest = Math.round(ns - whole * 1e9);
  const digits = String(rest).padStart(9, "0").replace(/0+$/, "");
  const grouped = digits.replace(/(\d{3})(?=\d)/g, "$1 ");
  return `${whole}${grouped ? `.${grouped}` : ""} s`;
}

// The unit that a window of so many nanoseconds is best read in: its size in ns, and its name.
export function unitFor(span) {
  const size = span / 1e9;
  const [scale, name] = TIME.find(([step]) => size >= 2 * step) ?? TIME.at(-1);
  return { size: scale * 1e9, name };
}

// What a person writes: 5, 0.2, 5e-6, "20 ms", "3 µs"; null where it is no time.
export function parseSeconds(text) {
  const match = /^\s*([\d.]+(?:e[-+]?\d+)?)\s*(s|ms|us|µs|μs|ns)?\s*$/i.exec(text);
  if (!match) return null;
  const scale = { s: 1, ms: 1e-3, us: 1e-6, "µs": 1e-6, "μs": 1e-6, ns: 1e-9 }[(match[2] ?? "s").toLowerCase()];
  const value = Number(match[1]) * scale;
  return Number.isFinite(value) && value > 0 ? value : null;
}
