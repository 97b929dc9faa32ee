// The channels: colour, name, what is measured, and away with it. Rows stay while their channel does, so that nothing a
// person holds on to is replaced.
import { hertz, percent, quantity, seconds } from "./format.js";

const NONE = "–";
const counted = ({ count }) => (count === undefined ? "" : String(count).replace(/\B(?=(\d{3})+$)/g, " "));
const DIGITAL = [
  ["level", ({ last }) => (last === undefined ? "" : last === 1 ? "high" : last === 0 ? "low" : percent(last))],
  ["edges", counted],
  ["frequency", ({ frequency_hz: rate }) => (rate === undefined ? "" : hertz(rate))],
  ["duty", ({ duty }) => (duty === undefined ? "" : percent(duty))],
  ["shortest pulse", ({ shortest_s: least }) => (least === undefined ? "" : seconds(least))],
];
const ANALOG = [
  ["now", ({ last }, unit) => (last === undefined ? "" : quantity(last, unit))],
  ["samples", counted],
  ["lowest", ({ low }, unit) => (low === undefined ? "" : quantity(low, unit))],
  ["highest", ({ high }, unit) => (high === undefined ? "" : quantity(high, unit))],
  ["mean", ({ mean }, unit) => (mean === undefined ? "" : quantity(mean, unit))],
];

export class Table {
  constructor(el, { colour, remove }) {
    Object.assign(this, { colour, remove, rows: [] });
    this.element = document.createElement("div");
    this.element.className = "labkit-channels";
    this.element.setAttribute("role", "table");
    this.element.setAttribute("aria-label", "channels and what is measured of them");
    el.append(this.element);
  }
  setup(lanes, isLive) {
    this.element.replaceChildren();
    this.rows = lanes.map((lane, index) => this.row(lane, index, isLive));
  }
  row(lane, index, isLive) {
    const row = make("div", { className: "labkit-channel", role: "row" });
    row.dataset.channel = lane.name;
    const swatch = make("input", { type: "color", value: lane.colour, title: `colour of ${lane.name}` });
    swatch.setAttribute("aria-label", `colour of ${lane.name}`);
    swatch.addEventListener("change", () => this.colour(index, swatch.value));
    const name = make("span", { className: "labkit-channel-name", textContent: lane.name });
    row.append(cell(swatch), cell(name));
    const cells = (lane.digital ? DIGITAL : ANALOG).map(([label, told]) => {
      const value = make("span", { className: "labkit-measured" });
      value.dataset.of = label;
      row.append(cell(make("span", { className: "labkit-label", textContent: label }), value));
      return (measured) => { const text = told(measured, lane.unit) || NONE; if (value.textContent !== text) value.textContent = text; };
    });
    const trouble = lane.ended !== undefined ? "closed" : lane.trouble ?? "";
    row.append(cell(make("span", { className: "labkit-trouble", textContent: trouble })));
    if (isLive) {
      const away = make("button", { type: "button", className: "labkit-small", textContent: "✕", title: `remove ${lane.name}` });
      away.setAttribute("aria-label", `remove ${lane.name}`);
      away.addEventListener("click", () => this.remove(lane.name));
      const last = cell(away);
      last.classList.add("labkit-away");
      row.append(last);
    }
    this.element.append(row);
    return cells;
  }
  show(measures) { this.rows.forEach((cells, index) => cells.forEach((set) => set(measures[index] ?? {}))); }
}

export function make(tag, properties = {}) {
  const { role, ...rest } = properties, made = Object.assign(document.createElement(tag), rest);
  if (role) made.setAttribute("role", role);
  return made;
}

function cell(...content) {
  const made = make("span", { className: "labkit-cell", role: "cell" });
  made.append(...content);
  return made;
}
