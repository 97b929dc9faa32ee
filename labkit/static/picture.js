// The wiring picture, live: parts that shine, turn and show; on a simulated board hands press and turn them.
import { Moves, drawParts, holdable } from "./parts.js";
import { watchWaiting } from "./waiting.js";

const make = (name, attributes, parent, text = null) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  parent?.append(made);
  return made;
};
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// ---- how parts look

const glow = (group, strength) => {
  const light = group.querySelector(".lk-glow"), bulb = group.querySelector(".lk-bulb");
  if (light) light.style.opacity = 0.85 * Math.min(1, strength);
  if (bulb) bulb.style.fillOpacity = 0.45 + 0.55 * Math.min(1, strength);
};
const turn = (group, selector, degrees) => {
  const dial = group.querySelector(selector);
  dial?.setAttribute("transform", `rotate(${degrees.toFixed(1)} ${dial.dataset.x} ${dial.dataset.y})`);
};
// A shaft turns by itself: the browser is told how fast, not where it is.
const spin = (group, rpm) => {
  const rotor = group.querySelector(".lk-rotor");
  if (!rotor) return;
  rotor.style.transformOrigin = `${rotor.dataset.x}px ${rotor.dataset.y}px`;
  rotor.labkitSpin ??= rotor.animate([{ transform: "rotate(0deg)" }, { transform: "rotate(360deg)" }], { duration: 1000, iterations: Infinity });
  rotor.labkitSpin.playbackRate = Math.abs(rpm) < 0.5 || calm() ? 0 : rpm / 60;
};
const SWEEP = 270; // degrees of a potentiometer, and of its pointer here

const LOOKS = {
  led: (group, look) => glow(group, look.brightness > 0 ? 0.25 + 1.9 * look.brightness : 0),
  rgbled(group, look) {
    const most = Math.max(...look.color), colour = `rgb(${look.color.map((share) => Math.round(255 * (most ? share / most : 0))).join()})`;
    for (const name of [".lk-glow", ".lk-bulb"]) group.querySelector(name).style.fill = most ? colour : "";
    glow(group, most ? 0.3 + 0.7 * most : 0);
  },
  buzzer: (group, look) => glow(group, look.tone_hz > 0 ? 0.9 : 0),
  button: (group, look) => group.classList.toggle("lk-down", Boolean(look.is_pressed)),
  switch: (group, look) => group.classList.toggle("lk-on", Boolean(look.is_on)),
  pir: (group, look) => glow(group, look.is_high ? 1 : 0),
  line: (group, look) => group.classList.toggle("lk-off-line", !look.over_line),
  pot: (group, look) => turn(group, ".lk-dial", (look.position - 0.5) * SWEEP),
  knob: (group, look) => turn(group, ".lk-dial", 15 * (look.position ?? 0)),
  servo: (group, look) => turn(group, ".lk-horn", look.angle),
  motor: (group, look) => spin(group, look.rpm ?? 0),
  baremotor: (group, look) => spin(group, look.rpm ?? 0),
  supply: (group, look) => { group.querySelector(".lk-reading").textContent = `${look.volts.toFixed(2)} V`; },
  display(group, look) {
    look.segments.forEach((lit, index) => {
      for (const segment of "abcdefg") group.querySelector(`[data-segment="${index}${segment}"]`)?.classList.toggle("lk-lit", lit.includes(segment));
      group.querySelector(`[data-segment="${index}dp"]`)?.classList.toggle("lk-lit", lit.endsWith("."));
    });
  },
};

// What is worth saying beside a part's name.
const WORDS = [
  ["tone_hz", (hertz) => (hertz > 1 ? `♪ ${Math.round(hertz)} Hz` : hertz ? "♪" : "")], ["lux", (lux) => `${Math.round(lux)} lx`],
  ["distance", (metres) => (metres === null ? "nothing there" : `${Math.round(100 * metres)} cm`)],
  ["temperature", (celsius) => (celsius === null ? "" : `${celsius.toFixed(1)} °C`)], ["volts", (volts) => `${volts.toFixed(2)} V`],
  ["angle", (degrees) => `${Math.round(degrees)}°`], ["rpm", (rpm) => `${Math.round(rpm)} rpm`],
];
const inWords = (look) => WORDS.filter(([name]) => look[name] !== undefined).map(([name, say]) => say(look[name])).filter(Boolean).join(" · ");

function show(svg, model) {
  const looks = model.get("looks"), levels = model.get("levels");
  for (const group of svg.querySelectorAll(".lk-piece")) {
    const look = group.dataset.piece === group.dataset.part ? looks[group.dataset.part] : null;
    if (!look) continue;
    // What the pins of a real board do not tell is left as it is drawn.
    try { LOOKS[group.dataset.look]?.(group, look); } catch { /* a part without that reading */ }
    if (group.labkitSay) group.labkitSay(look);
  }
  for (const place of svg.querySelectorAll(".lk-state")) place.textContent = inWords(looks[place.dataset.part] ?? {});
  for (const lamp of svg.querySelectorAll(".lk-lamp")) lamp.style.opacity = levels[lamp.dataset.pin] ?? 0;
  for (const wire of svg.querySelectorAll(".lk-wire")) {
    const level = levels[wire.dataset.net];
    wire.classList.toggle("lk-high", level > 0);
    if (level !== undefined) wire.style.setProperty("--lk-level", level);
  }
}

// ---- what hands do

function reachable(group, role, label) {
  for (const [key, value] of Object.entries({ tabindex: 0, role, "aria-label": label })) group.setAttribute(key, value);
  group.classList.add("lk-hand");
}

// The angle at which a hand is, around the middle of a dial.
function angleAt(dial, event) {
  const box = dial.getBoundingClientRect();
  return (Math.atan2(event.clientY - box.top - box.height / 2, event.clientX - box.left - box.width / 2) * 180) / Math.PI;
}
function draggable(dial, turned) {
  let last = null;
  dial.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    dial.setPointerCapture(event.pointerId);
    last = angleAt(dial, event);
  });
  dial.addEventListener("pointermove", (event) => {
    if (last === null) return;
    const angle = angleAt(dial, event), step = ((angle - last + 540) % 360) - 180;
    last = angle;
    turned(step);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) dial.addEventListener(end, () => { last = null; });
}
const ARROWS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };
function onArrows(element, turned) {
  element.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    turned(step);
  });
}

const HANDS = {
  button(group, name, act) {
    reachable(group, "button", `${name}: hold to press`);
    holdable(group, () => act("hold", true), () => act("hold", false));
    group.labkitSay = (look) => group.setAttribute("aria-pressed", String(look.is_pressed));
  },
  switch(group, name, act) {
    reachable(group, "switch", `${name}: switch`);
    let isOn = false;
    holdable(group, () => act("is_on", !isOn), () => {});
    group.labkitSay = (look) => { isOn = look.is_on; group.setAttribute("aria-checked", String(isOn)); };
  },
  line(group, name, act) {
    reachable(group, "switch", `${name}: over the line`);
    let isOver = false;
    holdable(group, () => act("over_line", !isOver), () => {});
    group.labkitSay = (look) => { isOver = look.over_line; group.setAttribute("aria-checked", String(isOver)); };
  },
  pir(group, name, act) {
    reachable(group, "button", `${name}: walk by`);
    holdable(group, () => act("move", true), () => {});
  },
  pot(group, name, act, move) {
    reachable(group, "slider", `${name}: position`);
    let position = 0.5, isHeld = 0;
    const to = (wanted) => {
      position = Math.min(1, Math.max(0, Math.round(1000 * wanted) / 1000));
      isHeld = performance.now();
      turn(group, ".lk-dial", (position - 0.5) * SWEEP);
      move("position", position);
    };
    draggable(group.querySelector(".lk-dial"), (degrees) => to(position + degrees / SWEEP));
    onArrows(group, (step) => to(position + step / 100));
    for (const [key, value] of [["aria-valuemin", 0], ["aria-valuemax", 1]]) group.setAttribute(key, value);
    group.labkitSay = (look) => {
      // Not under a hand that is on its way elsewhere.
      if (performance.now() - isHeld > 300) position = look.position;
      group.setAttribute("aria-valuenow", look.position);
      group.setAttribute("aria-valuetext", `${Math.round(100 * look.position)} %`);
    };
  },
  knob(group, name, act) {
    reachable(group, "spinbutton", `${name}: turn with the arrow keys`);
    let way = 0;
    const steps = (count) => { for (let done = 0; done < Math.abs(count); done += 1) act(count > 0 ? "rotate +1" : "rotate −1", true); };
    draggable(group.querySelector(".lk-dial"), (degrees) => {
      way += degrees / 15;
      const whole = Math.trunc(way);
      way -= whole;
      steps(whole);
    });
    onArrows(group, steps);
    group.labkitSay = (look) => group.setAttribute("aria-valuenow", look.position);
  },
};

function operate(svg, model, send) {
  const moves = new Moves((lot) => send({ type: "use", moves: lot }));
  for (const group of svg.querySelectorAll(".lk-piece")) {
    const { piece, part, look } = group.dataset;
    if (piece !== part || !HANDS[look] || !(part in model.get("values") || part in model.get("looks"))) continue;
    HANDS[look](group, part, (name, value) => send({ type: "use", moves: [[part, name, value]] }), (name, value) => moves.add(part, name, value));
  }
  const taken = (message) => { if (message.type === "used") moves.taken(); };
  model.on("msg:custom", taken);
  return () => model.off("msg:custom", taken);
}

// ---- what stands under the picture

const SIGNS = { error: "✖", warning: "▲", note: "ℹ" };

function drawFindings(findings, el) {
  const list = make("ul", { class: "labkit-findings", "aria-label": "What the lint found" }, el);
  if (!findings.length) make("li", { class: "labkit-sound" }, list, "✓ Nothing is wrong with this circuit.");
  for (const { rule, severity, where, text, remedy } of findings) {
    const item = make("li", { class: `labkit-${severity}`, "data-rule": rule }, list);
    make("span", { class: "labkit-sign" }, item, `${SIGNS[severity]} ${severity}`);
    make("b", {}, item, where);
    item.append(` ${text} `);
    make("strong", {}, item, remedy);
  }
}

function drawNeeds(needs, el) {
  const fold = make("details", { class: "labkit-needs" }, el);
  make("summary", {}, fold, "Parts list");
  const table = make("table", {}, fold);
  for (const { quantity, what, parts } of needs) {
    const row = make("tr", {}, table);
    make("td", {}, row, `${quantity} ×`);
    make("td", {}, row, what);
    make("td", {}, row, parts.join(", "));
  }
}

function drawSteps(steps, svg, el) {
  const fold = make("details", { class: "labkit-steps" }, el);
  make("summary", {}, fold, "How to build it, step by step");
  const list = make("ol", {}, fold);
  for (const { text, target } of steps) {
    const item = make("li", { tabindex: 0 }, list, text);
    const [kind, name] = target.split(" ");
    const shown = kind ? svg.querySelector(kind === "wire" ? `[data-wire="${name}"]` : `[data-piece="${name}"]`) : null;
    const mark = (on) => { svg.classList.toggle("lk-marking", on); shown?.classList.toggle("lk-marked", on); };
    if (!shown) continue;
    for (const on of ["mouseenter", "focus"]) item.addEventListener(on, () => mark(true));
    for (const off of ["mouseleave", "blur"]) item.addEventListener(off, () => mark(false));
  }
}

function render({ model, el }) {
  const root = make("div", { class: "labkit-circuit labkit-framed", "data-simulated": String(model.get("simulated")) }, el);
  const main = make("div", { class: "labkit-circuit-main" }, root);
  const sheet = make("div", { class: "labkit-circuit-sheet" }, main);
  sheet.innerHTML = model.get("drawing");
  const svg = sheet.querySelector("svg");
  const said = make("div", { class: "labkit-circuit-said", role: "status" });
  // Nothing of this is a program's way into the page: the drawing is ours, names in it are letters and digits.
  const send = (message) => {
    try {
      if (!model.get("ended")) model.send(message);
    } catch {
      said.textContent = "The kernel was restarted: run this cell again.";
    }
  };
  const ends = [];
  if (model.get("simulated")) {
    ends.push(operate(svg, model, send));
    ends.push(drawParts(model, make("div", { class: "labkit-parts", "aria-label": "Controls of the simulated parts" }, main), send));
  }
  root.append(said);
  ends.push(watchWaiting(model, { frame: () => root, place: root }));
  drawFindings(model.get("findings"), root);
  drawNeeds(model.get("needs"), root);
  drawSteps(model.get("steps"), svg, root);
  const paint = () => show(svg, model);
  const say = () => {
    const ended = model.get("ended"), problem = model.get("problem"), code = model.get("code");
    root.classList.toggle("labkit-ended", Boolean(ended));
    said.classList.toggle("labkit-problem", Boolean(problem));
    said.replaceChildren();
    if (ended || problem) said.textContent = ended || problem;
    else if (code) make("code", { class: "labkit-code", title: "Click and copy it" }, said, code);
  };
  const listened = [["change:looks", paint], ["change:levels", paint], ["change:code", say], ["change:problem", say], ["change:ended", say]];
  for (const [event, heard] of listened) model.on(event, heard);
  paint();
  say();
  return () => {
    for (const [event, heard] of listened) model.off(event, heard);
    for (const end of ends) end();
  };
}

export default { render };
