// The board's headers as pictures: pins where they are on the board, each with what it is and does now.
const SVG = "http://www.w3.org/2000/svg";
const ROW = 18, PAD = 9, TOP = 6;
const REACH = { number: 22, name: 34, arrow: 84, info: 98, end: 306 };
// More edges a second than this, and the eye sees a blur.
const BLUR_PER_S = 12, ACTIVE_MS = 700;

export const svgNode = (name, attributes = {}, parent = null, text = null) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  parent?.append(made);
  return made;
};

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
// As people say it: the words that only tell that it is a device are left out.
const spoken = (holder) => holder.replace(/\.pwm_device$/, "").replace(/_(device|motor)\b/g, "");
const shortened = (text, most) => (text.length <= most ? text : `${text.slice(0, 7)}…${text.slice(7 - most + 1)}`);

export function frequency(hertz) {
  if (hertz >= 999.5) return `${(hertz / 1000).toPrecision(hertz < 99950 ? 2 : 3)} kHz`;
  return `${hertz < 9.95 ? hertz.toFixed(1) : Math.round(hertz)} Hz`;
}

// One sentence for screen readers and the line under the picture.
export function inWords(place, state, simulated) {
  const words = [`pin ${place.number}`];
  if (place.kind !== "gpio") return `${place.name}, ${words[0]}`;
  if (state.function) words.push(state.function);
  if (state.reading) words.push(state.floating ? "floating: nothing drives it" : state.reading);
  if (state.frequency) words.push(`pulses at ${frequency(state.frequency)}`);
  if (state.pull && state.pull !== "floating") words.push(`pulled ${state.pull}${place.pull ? " on the board" : ""}`);
  if (state.lead !== undefined) words.push(`held ${state.lead ? "high" : "low"} by a test lead`);
  if (state.holder) words.push(`held by ${state.holder === state.kind ? `a ${state.kind}` : `${state.holder} (${state.kind})`}, made in ${state.cell}`);
  else if (state.elsewhere) words.push(`taken by ${state.elsewhere}`);
  else words.push("free");
  if (!state.holder && place.pull && !state.pull) words.push(`pulled ${place.pull} on the board`);
  if (state.edges > 1) words.push(`${state.edges} edges`);
  const touches = { hold: "hold it to press", push: "click for a pulse", switch: "click to flip", drive: "click to drive it" };
  if (simulated && touches[state.touch]) words.push(touches[state.touch]);
  return `${place.name}, ${words.join(", ")}`;
}

export const alternatives = (place) =>
  [place.usual, ...place.interfaces.map((kind) => kind.toUpperCase())].filter(Boolean).join(", ");

// On a bus only what the other side answers comes in.
const outwards = (used, place) => used === "output" || (used === "SPI" && !place.usual.endsWith("MISO"));

// One pin: its pad, its texts, and the area that takes clicks.
class Pin {
  constructor(place, strip, column, y, svg, simulated) {
    Object.assign(this, { place, simulated, state: {}, busy: 0 });
    const wide = strip.rows[0].length > 1, right = !wide || column === 1, side = right ? 1 : -1;
    this.side = side;
    const middle = strip.middle, x = middle + side * (wide ? PAD : 0);
    this.group = svgNode("g", { class: "labkit-pin", "data-pin": place.name, "data-number": place.number,
      "data-kind": place.kind, tabindex: "-1", role: "img" }, svg);
    this.area = svgNode("rect", { class: "labkit-area", x: right ? middle : middle - strip.reach, y: y - ROW / 2,
      width: strip.reach, height: ROW, rx: 3 }, this.group);
    this.ring = svgNode("circle", { class: "labkit-ring", cx: x, cy: y, r: 8.2 }, this.group);
    const square = place.number === 1;
    this.pad = square ? svgNode("rect", { class: "labkit-pad", x: x - 6, y: y - 6, width: 12, height: 12 }, this.group)
      : svgNode("circle", { class: "labkit-pad", cx: x, cy: y, r: 6.2 }, this.group);
    this.digit = svgNode("text", { class: "labkit-digit", x, y: y + 3 }, this.group);
    const at = (reach) => middle + side * reach;
    const anchor = right ? "start" : "end";
    svgNode("text", { class: "labkit-number", x: at(REACH.number), y: y + 3.5, "text-anchor": anchor }, this.group, place.number);
    svgNode("text", { class: "labkit-name", x: at(REACH.name + 4), y: y + 4, "text-anchor": anchor }, this.group, place.name);
    if (place.kind === "gpio") {
      this.arrow = svgNode("path", { class: "labkit-arrow" }, this.group);
      this.arrowAt = [at(REACH.arrow + 5), y];
      this.info = svgNode("text", { class: "labkit-info", x: at(REACH.info), y: y + 4, "text-anchor": anchor }, this.group);
    }
    this.tip = svgNode("title", {}, this.group);
    this.show({});
  }

  // Away from the board for an output, towards it for an input.
  point(direction) {
    const [x, y] = this.arrowAt, out = direction * this.side;
    this.arrow.setAttribute("d", direction ? `M${x - 4 * out},${y - 4} L${x + 4 * out},${y} L${x - 4 * out},${y + 4} Z` : "");
  }

  show(state) {
    const { group, place } = this, before = this.state;
    this.state = state;
    const words = inWords(place, state, this.simulated);
    group.setAttribute("aria-label", words);
    if (place.kind !== "gpio") return;
    const level = state.level ?? "";
    group.setAttribute("data-level", level);
    group.setAttribute("data-holder", state.holder ?? "");
    group.setAttribute("data-touch", state.touch ?? "");
    group.setAttribute("role", state.touch ? "button" : "img");
    if (["hold", "switch", "drive"].includes(state.touch)) group.setAttribute("aria-pressed", String(this.isPressed()));
    else group.removeAttribute("aria-pressed");
    group.classList.toggle("labkit-used", Boolean(state.holder));
    group.classList.toggle("labkit-elsewhere", Boolean(state.elsewhere));
    group.classList.toggle("labkit-floats", Boolean(state.floating));
    group.classList.toggle("labkit-led", state.lead !== undefined);
    this.point(!state.holder || !state.function ? 0 : outwards(state.function, place) ? 1 : -1);
    this.tip.textContent = `${words}${alternatives(place) ? `. Also: ${alternatives(place)}` : ""}`;
    if (before.edges !== undefined && state.edges > before.edges) this.flash(state.edges - before.edges);
    this.paint();
  }

  isPressed() { return this.state.lead !== undefined || Boolean(this.down); }

  // Edges since the last look, though the level may be what it was.
  flash(edges) {
    if (this.state.rate > BLUR_PER_S) this.busy = performance.now() + ACTIVE_MS;
    this.group.setAttribute("data-edges", this.state.edges);
    if (edges > 1 && !this.busy && !calm()) {
      this.ring.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 350, easing: "ease-out" });
    }
  }

  // Whether it still is a blur, which ends by itself when no more edges come.
  isBusy(now) {
    if (this.busy && now >= this.busy) {
      this.busy = 0;
      this.paint();
    }
    return Boolean(this.busy);
  }

  paint() {
    const { level, reading, rate, holder, elsewhere, floating, lead } = this.state, blurred = Boolean(this.busy);
    const shown = level !== undefined && (holder || lead !== undefined);
    this.group.classList.toggle("labkit-busy", blurred);
    const light = !shown ? 0 : blurred && (level === 0 || level === 1) ? 0.5 : level;
    this.pad.style.setProperty("--light", `${Math.round(100 * light)}%`);
    this.group.classList.toggle("labkit-lit", light > 0);
    this.digit.textContent = !shown ? "" : blurred || (level > 0 && level < 1) ? "≈" : floating ? "?" : level;
    const parts = [];
    if (holder) {
      parts.push([shortened(spoken(holder), 22), "labkit-holder"]);
      if (blurred && (level === 0 || level === 1)) parts.push([`≈ ${frequency(rate / 2)}`, "labkit-reading"]);
      else if (reading && reading !== "high" && reading !== "low") parts.push([reading, "labkit-reading"]);
      if (!reading && this.state.function) parts.push([this.place.usual || this.state.function, "labkit-usual"]);
    } else if (elsewhere) {
      parts.push([shortened(elsewhere, 30), "labkit-other"]);
    } else {
      parts.push([this.place.usual, "labkit-usual"]);
    }
    if (lead !== undefined) parts.push([lead ? "driven high" : "driven low", "labkit-lead"]);
    this.write(this.side > 0 ? parts : parts.reverse());
  }

  write(parts) {
    const text = JSON.stringify(parts);
    if (text === this.written) return;
    this.written = text;
    this.info.replaceChildren();
    parts.forEach(([words, kind], index) => svgNode("tspan", { class: kind, dx: index ? 7 : 0 }, this.info, words));
  }
}

// One header of the board; `pins` gets every pin by its row and column.
export function drawStrip(strip, simulated, title) {
  const columns = strip.rows[0].length, plain = !strip.rows.flat().some((place) => place?.kind === "gpio");
  strip.reach = plain ? 150 : REACH.end;
  strip.middle = columns > 1 ? strip.reach : 12;
  const height = strip.rows.length * ROW + 2 * TOP, width = columns > 1 ? 2 * strip.reach : strip.reach + 12;
  const svg = svgNode("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": title,
    class: "labkit-strip", "data-strip": strip.name });
  const half = columns > 1 ? 2 * PAD : PAD;
  svgNode("rect", { class: "labkit-plate", x: strip.middle - half, y: 1, width: 2 * half, height: height - 2, rx: 4 }, svg);
  const pins = strip.rows.map((row, r) => row.map((place, column) =>
    (place ? new Pin(place, strip, column, TOP + r * ROW + ROW / 2, svg, simulated) : null)));
  return { svg, pins };
}
