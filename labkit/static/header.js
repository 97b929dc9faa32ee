import { connect } from "./link.js";

// The pin header as on the board: two columns, odd numbers left, the pins in use lit.
const SVG = "http://www.w3.org/2000/svg";
const ROW = 18, PAD = 10, PIN = 13, MIDDLE = 240, WIDTH = 480;

const node = (name, attributes = {}, parent = null, text = null) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  parent?.append(made);
  return made;
};

const COLOUR = { "3V3": "#f59e0b", "5V": "#ef4444", GND: "#111827" };
const LIT = "#22c55e";

function draw(board, el) {
  const height = board.rows.length * ROW + 2 * PAD + 22;
  const svg = node("svg", {
    viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: "img", class: "labkit-header",
    "aria-label": `${board.name}, header ${board.header}${board.simulated ? ", simulated" : ""}`,
    style: "max-width:100%;font-family:var(--jp-code-font-family,monospace);font-size:11px",
  });
  const title = node("text", { x: MIDDLE, y: 14, "text-anchor": "middle", fill: "var(--jp-ui-font-color1,currentColor)",
    style: "font-family:var(--jp-ui-font-family);font-weight:600" }, svg);
  title.textContent = `${board.name} · ${board.header}${board.simulated ? " · simulated" : ""}`;
  node("rect", { x: MIDDLE - 24, y: 22, width: 48, height: board.rows.length * ROW + 2 * PAD - 4, rx: 6,
    fill: "var(--jp-layout-color3,#9ca3af)", stroke: "var(--jp-border-color1,#6b7280)" }, svg);
  const places = new Map();
  board.rows.forEach((row, r) => row.forEach((pin, column) => {
    if (!pin) return;
    const right = column === 1, side = right ? 1 : -1;
    const y = 22 + PAD + r * ROW + ROW / 2 - 2, x = MIDDLE + side * 11;
    const group = node("g", { class: "labkit-pin", "data-pin": pin.name, "data-number": pin.number }, svg);
    const base = COLOUR[pin.name] ?? (pin.kind === "gpio" ? "var(--jp-layout-color1,#fff)" : "#6b7280");
    const pad = node("rect", { x: x - PIN / 2, y: y - PIN / 2, width: PIN, height: PIN, rx: pin.number === 1 ? 0 : 6.5,
      fill: base, stroke: "var(--jp-ui-font-color2,#374151)", "stroke-width": 0.75 }, group);
    const anchor = right ? "start" : "end";
    node("text", { x: MIDDLE + side * 30, y: y + 4, "text-anchor": anchor,
      fill: "var(--jp-ui-font-color3,#6b7280)", "font-size": 9 }, group, pin.number);
    const name = node("text", { x: MIDDLE + side * 48, y: y + 4, "text-anchor": anchor,
      fill: pin.kind === "gpio" ? "var(--jp-ui-font-color1,currentColor)" : "var(--jp-ui-font-color3,#6b7280)" },
      group, pin.name);
    const holder = node("text", { x: MIDDLE + side * 106, y: y + 4, "text-anchor": anchor,
      fill: "var(--jp-brand-color1,#2563eb)", style: "font-weight:600" }, group);
    const tip = node("title", {}, group, `pin ${pin.number}: ${pin.name}`);
    if (pin.kind === "gpio") places.set(pin.name, { pin, group, pad, name, holder, tip, base });
  }));
  el.append(svg);
  return places;
}

function light(places, pins) {
  for (const [name, place] of places) {
    const state = pins[name];
    const level = state?.level ?? 0;
    place.group.setAttribute("data-level", state ? level : "");
    place.group.setAttribute("data-holder", state?.holder ?? "");
    // Duty cycles show as brightness.
    place.pad.setAttribute("fill", level ? `color-mix(in srgb, ${LIT} ${Math.round(30 + 70 * level)}%, white)` : place.base);
    place.pad.style.filter = level ? `drop-shadow(0 0 ${4 * level}px ${LIT})` : "";
    place.holder.textContent = state ? `${state.function === "output" ? "▶" : "◀"} ${state.holder}` : "";
    const shown = level > 0 && level < 1 ? `${Math.round(100 * level)} %` : level ? "high" : "low";
    place.tip.textContent = state
      ? `pin ${place.pin.number}: ${name}, ${state.function}, ${shown}, held by ${state.holder} (${state.kind}, ${state.cell})`
      : `pin ${place.pin.number}: ${name}, free`;
  }
}

// Red and in one place whatever the state: who has to stop something must not look for it.
// It goes over the link, so that it works while a cell runs.
function stopBar(model, link, el) {
  let problem = "";
  const bar = document.createElement("div"), words = document.createElement("span");
  bar.className = "labkit-stop-bar";
  bar.style.cssText = "display:flex;align-items:center;gap:10px;margin:2px 0 6px;font-family:var(--jp-ui-font-family)";
  words.setAttribute("role", "status");
  words.style.cssText = "color:var(--jp-ui-font-color1,currentColor)";
  const button = (name, label, colours, type) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = name;
    made.className = `labkit-${type}`;
    made.setAttribute("aria-label", label);
    made.style.cssText = `font-weight:700;padding:4px 14px;border-radius:4px;cursor:pointer;${colours}`;
    made.addEventListener("click", () => link.send("stop", { type }));
    bar.append(made);
    return made;
  };
  const stop = button("STOP", "Stop: switch every output off", "color:#fff;background:#b3261e;border:2px solid #7f1d1d", "stop");
  const resume = button("Resume", "Resume: let outputs switch again",
    "color:var(--jp-ui-font-color1,#111);background:var(--jp-layout-color2,#eee);border:1px solid var(--jp-border-color1,#666)", "resume");
  bar.append(words);
  el.append(bar);
  const show = () => {
    const stopped = model.get("stopped");
    bar.setAttribute("data-stopped", stopped ? "true" : "false");
    stop.setAttribute("aria-pressed", stopped ? "true" : "false");
    resume.hidden = !stopped;
    words.textContent = problem || (stopped ? `All outputs are off: ${stopped}.` : "");
  };
  link.listen("stop", (message) => {
    problem = message.problem ?? "";
    show();
  });
  return show;
}

function render({ model, el }) {
  const link = connect(model);
  const showStop = stopBar(model, link, el);
  const places = draw(model.get("board"), el);
  const show = () => light(places, model.get("pins"));
  model.on("change:pins", show);
  model.on("change:stopped", showStop);
  show();
  showStop();
  return () => {
    model.off("change:pins", show);
    model.off("change:stopped", showStop);
    link.close();
  };
}

export default { render };
