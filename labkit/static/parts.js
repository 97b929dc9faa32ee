// The parts' own controls: sliders, switches, buttons. A hand is never lagged behind: of what it does while the
// kernel takes the last move, only the newest of each control is sent.
const PATIENCE_MS = 2000;

export class Moves {
  constructor(send) {
    Object.assign(this, { send, waiting: new Map(), since: 0 });
  }
  add(part, name, value) {
    this.waiting.set(`${part}/${name}`, [part, name, value]);
    this.pump();
  }
  taken() {
    this.since = 0;
    this.pump();
  }
  pump() {
    // A front end without subshells takes nothing while a cell runs; then they go in small lots.
    if (!this.waiting.size || (this.since && performance.now() - this.since < PATIENCE_MS)) return;
    this.since = performance.now();
    const moves = [...this.waiting.values()];
    this.waiting.clear();
    this.send(moves);
  }
}

const html = (name, attributes, parent, text = null) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  parent.append(made);
  return made;
};

const decimals = (step) => (step >= 1 ? 0 : step >= 0.1 ? 1 : 2);

// Each maker returns what shows a value that came from the kernel.
const MAKERS = {
  slider(row, handle, label, move) {
    const [low, high, step] = handle.span;
    html("span", { class: "labkit-label" }, row, handle.label);
    const input = html("input", { type: "range", min: low, max: high, step, "aria-label": label }, row);
    const output = html("output", { class: "labkit-value" }, row);
    const say = () => {
      output.textContent = `${Number(input.value).toFixed(decimals(step))}${handle.unit ? ` ${handle.unit}` : ""}`;
      input.setAttribute("aria-valuetext", output.textContent);
    };
    let held = false;
    input.addEventListener("pointerdown", () => { held = true; });
    for (const end of ["pointerup", "pointercancel", "blur"]) input.addEventListener(end, () => { held = false; });
    input.addEventListener("input", () => { say(); move(Number(input.value)); });
    return (value) => {
      // Not under a hand that is on its way elsewhere.
      if (!held) input.value = value;
      say();
    };
  },
  number(row, handle, label, move) {
    html("span", { class: "labkit-label" }, row, handle.label);
    const input = html("input", { type: "number", step: "any", "aria-label": label }, row);
    html("span", { class: "labkit-value" }, row, handle.unit);
    input.addEventListener("change", () => { if (input.value !== "") move(Number(input.value)); });
    return (value) => { if (document.activeElement !== input) input.value = value; };
  },
  switch(row, handle, label, move) {
    const button = html("button", { type: "button", role: "switch", title: handle.tip, "aria-label": label }, row, handle.label);
    button.addEventListener("click", () => move(button.getAttribute("aria-checked") !== "true"));
    return (value) => button.setAttribute("aria-checked", String(value));
  },
  push(row, handle, label, move, act) {
    const button = html("button", { type: "button", title: handle.tip, "aria-label": label }, row, handle.label);
    button.addEventListener("click", () => act(true));
    return () => {};
  },
  hold(row, handle, label, move, act) {
    const button = html("button", { type: "button", title: handle.tip, "aria-label": label }, row, handle.label);
    holdable(button, () => act(true), () => act(false));
    return (value) => button.setAttribute("aria-pressed", String(value));
  },
};

// Down and up by mouse, touch, space bar or Enter: whatever ends it, `up` follows `down` once.
export function holdable(element, down, up) {
  let isDown = false, since = 0;
  const press = () => { if (!isDown) { isDown = true; since = performance.now(); down(); } };
  const release = () => { if (isDown) { isDown = false; up(performance.now() - since); } };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    // Captured: the release counts wherever the pointer is by then.
    element.setPointerCapture(event.pointerId);
    press();
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) element.addEventListener(end, release);
  element.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) press();
  });
  element.addEventListener("keyup", (event) => { if (event.key === " " || event.key === "Enter") release(); });
  return release;
}

function drawPart(part, list, send, moves) {
  // What is there whether or not anybody uses it stays folded.
  const folded = part.kind === "host";
  const box = html(folded ? "details" : "fieldset", { class: "labkit-part", "data-part": part.part }, list);
  const head = html(folded ? "summary" : "legend", {}, box, folded ? "this computer" : part.part);
  if (part.where) html("span", { class: "labkit-where" }, head, part.where);
  const row = html("div", { class: "labkit-verbs" }, box);
  const shows = new Map();
  for (const handle of part.handles) {
    const place = ["slider", "number"].includes(handle.kind) ? html("label", { class: "labkit-quantity", title: handle.tip }, box) : row;
    const label = `${handle.label} of ${part.part}`;
    const move = (value) => moves.add(part.part, handle.name, value);
    const act = (value) => send({ type: "use", moves: [[part.part, handle.name, value]] });
    shows.set(handle.name, MAKERS[handle.kind](place, handle, label, move, act));
  }
  return shows;
}

// The list of all parts, drawn anew when parts come or go; returns the end of it.
export function drawParts(model, list, send) {
  const moves = new Moves((lot) => send({ type: "use", moves: lot }));
  let shows = new Map();
  const show = () => {
    for (const [part, values] of Object.entries(model.get("values"))) {
      for (const [name, value] of Object.entries(values)) shows.get(part)?.get(name)?.(value);
    }
  };
  const draw = () => {
    list.replaceChildren();
    const parts = [...model.get("parts")].sort((one, other) => (one.kind === "host") - (other.kind === "host"));
    shows = new Map(parts.map((part) => [part.part, drawPart(part, list, send, moves)]));
    list.hidden = !parts.length;
    show();
  };
  const taken = (message) => { if (message.type === "used") moves.taken(); };
  model.on("change:parts", draw);
  model.on("change:values", show);
  model.on("msg:custom", taken);
  draw();
  return () => {
    model.off("change:parts", draw);
    model.off("change:values", show);
    model.off("msg:custom", taken);
  };
}
