// A number to slide to, or to type exactly. While a hand is on it, it shows where the hand is, and not what the kernel
// says meanwhile; of a fast hand's moves the kernel is sent the newest only, and always the last.
import { box, inWords } from "./box.js";
import { tell } from "./telling.js";

const SETTLED_MS = 300;

const make = (name, kind, parent, attributes = {}) => {
  const made = document.createElement(name);
  made.className = kind;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
};

function render({ model, el }) {
  const root = make("div", "labkit-slider", el), unit = model.get("unit"), name = model.get("label") + (unit ? ` (${unit})` : "");
  make("span", "labkit-slider-label", root, { "aria-hidden": "true" }).textContent = name;
  const range = make("input", "labkit-slider-range", root, { type: "range", "aria-label": name });
  const exact = make("input", "labkit-slider-exact", root, { type: "number", "aria-label": `${name}, exactly` });
  let isHeld = false, settling = 0;
  // What is out of range is the device's to refuse.
  const writeExact = box(exact, { show: () => show(), take: (text) => tell(model, { value: Number(text) }, root) });
  const isInHand = () => isHeld || settling;

  const write = (value) => {
    const said = inWords(value, model.get("step"));
    range.setAttribute("aria-valuetext", `${said}${unit ? ` ${unit}` : ""}`);
    writeExact(said);
  };
  const show = () => {
    for (const input of [range, exact]) {
      input.disabled = model.get("disabled");
      input.step = model.get("step");
    }
    range.min = model.get("min");
    range.max = model.get("max");
    root.title = model.get("disabled") ? "The device is closed" : model.get("tip");
    if (isInHand()) return;
    range.value = model.get("value");
    write(model.get("value"));
  };
  // By then the kernel has taken the last move, and refused it or not.
  const settle = () => {
    clearTimeout(settling);
    settling = setTimeout(() => { settling = 0; show(); }, SETTLED_MS);
  };
  const release = () => {
    if (isHeld) settle();
    isHeld = false;
  };

  range.addEventListener("pointerdown", () => { isHeld = true; });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) range.addEventListener(end, release);
  range.addEventListener("input", () => {
    settle();
    write(Number(range.value));
    tell(model, { value: Number(range.value) }, root);
  });
  model.on("change", show);
  show();
  return () => {
    clearTimeout(settling);
    model.off("change", show);
  };
}

export default { render };
