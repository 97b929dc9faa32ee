// What a view looks at by itself: it asks for a window, and makes lines of the answer.
import { quantity, seconds } from "./format.js";
import { decodeColumns } from "./columns.js";

const MARGIN = 0.5; // so much more on both sides, for panning

export class Past {
  constructor(ask) {
    this.ask = ask;
    this.number = 0;
    this.wanted = null;
    this.isUnderWay = false;
  }
  want(begin, end, pixels) {
    const margin = Math.round(MARGIN * (end - begin));
    this.wanted = { begin: Math.round(begin - margin), end: Math.round(end + margin), pixels: Math.round(pixels * (1 + 2 * MARGIN)) };
    this.next();
  }
  next() {
    if (this.isUnderWay || !this.wanted) return;
    this.isUnderWay = true;
    this.ask({ type: "window", id: ++this.number, ...this.wanted });
    this.wanted = null;
  }
  // Whether that is the newest answer, and so to be drawn.
  arrived(message) {
    if (message.id !== this.number) return false;
    this.isUnderWay = false;
    this.next();
    return true;
  }
  // After another way was found: an answer may be lost.
  restart() { this.isUnderWay = false; }
}

// One line for each lane: x in the axis's unit, y in the layout's, and what to say of each point. Of samples also, as `beside`,
// what joins those that lie too far apart.
export function linesOf(message, buffers, lanes, layout, axis) {
  if (message.columns) return fromColumns(message, decodeColumns(buffers[0], lanes), lanes, layout, axis);
  return lanes.map((lane, index) => {
    const times = new Float64Array(buffers[2 * index]), values = new Float64Array(buffers[2 * index + 1]);
    const made = fresh(lane);
    if (lane.digital) levels(made, lane, index, message, times, values, layout, axis);
    else samples(made, lane, index, message, times, values, layout, axis);
    return made;
  });
}

const fresh = (lane) => ({ x: [], y: [], note: [], beside: lane.digital ? null : { x: [], y: [] } });

function put(made, x, y, note) {
  made.x.push(x);
  made.y.push(y);
  made.note.push(note);
}

function levels(made, lane, index, message, times, values, layout, axis) {
  const x = (ns) => axis.x(ns), end = Math.min(message.end, lane.ended ?? Infinity, message.until);
  const at = (i) => message.begin + times[i] * 1e9;
  let level = message.before[index];
  if (level !== null) put(made, x(Math.max(message.begin, lane.begin ?? -Infinity)), layout.y(index, level), `${lane.name}: ${told(level)}`);
  for (let i = 0; i < times.length; i++) {
    const lasts = (i + 1 < times.length ? at(i + 1) : end) - at(i);
    const note = `${lane.name}: ${told(values[i])} at ${axis.at(at(i))}, for ${i + 1 < times.length ? seconds(lasts / 1e9) : "the rest"}`;
    if (level !== null) put(made, x(at(i)), layout.y(index, level), note);
    put(made, x(at(i)), layout.y(index, values[i]), note);
    level = values[i];
  }
  if (level !== null && end >= message.begin) put(made, x(end), layout.y(index, level), `${lane.name}: ${told(level)}`);
}

const told = (level) => (level === 1 ? "high" : level === 0 ? "low" : `${(100 * level).toFixed(0)} %`);

function samples(made, lane, index, message, times, values, layout, axis) {
  const longest = lane.rate ? 3 / lane.rate : Infinity;
  for (let i = 0; i < times.length; i++) {
    const ns = message.begin + times[i] * 1e9, x = axis.x(ns);
    if (i && times[i] - times[i - 1] > longest) {
      bridge(made, x, layout.y(index, values[i]));
      put(made, x, NaN, "");
    }
    put(made, x, layout.y(index, values[i]), `${lane.name}: ${quantity(values[i], lane.unit)} at ${axis.at(ns)}`);
  }
}

function bridge({ x, y, beside }, toX, toY) {
  beside.x.push(x.at(-1), toX, toX);
  beside.y.push(y.at(-1), toY, NaN);
}

function fromColumns(message, decoded, lanes, layout, axis) {
  const width = (message.end - message.begin) / message.columns, at = (column) => message.begin + column * width;
  return lanes.map((lane, index) => {
    const made = fresh(lane), columns = decoded.lanes[index], y = (value) => layout.y(index, value);
    if (lane.digital) levelColumns(made, lane, columns, width, (column) => axis.x(at(column)), y);
    else valueColumns(made, lane, columns, Math.max(3, lane.rate ? 3e9 / lane.rate / width : 3), (column) => axis.x(at(column)), y);
    return made;
  });
}

// Levels hold: what a column begins with is what the one before it left.
function levelColumns(made, lane, { low, high, edges }, width, x, y) {
  let level = NaN;
  for (let column = 0; column < low.length; column++) {
    const [bottom, top] = [low[column], high[column]], isQuiet = bottom === top;
    if (Number.isNaN(bottom)) {
      if (!Number.isNaN(level)) put(made, x(column), y(level), "");
      level = NaN;
      continue;
    }
    if (Number.isNaN(level) && made.y.length) put(made, x(column), NaN, "");
    const note = edges[column] ? `${lane.name}: ${edges[column] === 255 ? "255 or more" : edges[column]} edges within ${seconds(width / 1e9, 3)}` : `${lane.name}: ${told(bottom)}`;
    if (!Number.isNaN(level)) put(made, x(column), y(level), note);
    if (!isQuiet) for (const each of [bottom, top]) put(made, x(column), y(each), note);
    const isNextQuiet = low[column + 1] === high[column + 1];
    level = isQuiet ? bottom : isNextQuiet ? low[column + 1] : top;
    put(made, x(column), y(level), note);
  }
  if (!Number.isNaN(level)) put(made, x(low.length), y(level), "");
}

function valueColumns(made, lane, { low, high }, gap, x, y) {
  let last = -Infinity;
  for (let column = 0; column < low.length; column++) {
    if (Number.isNaN(low[column])) continue;
    if (column - last > gap && made.x.length) {
      bridge(made, x(column), y(low[column]));
      put(made, x(column), NaN, "");
    }
    const note = `${lane.name}: ${quantity(low[column], lane.unit)} to ${quantity(high[column], lane.unit)}`;
    put(made, x(column), y(low[column]), note);
    if (high[column] !== low[column]) put(made, x(column), y(high[column]), note);
    last = column;
  }
}
