// A box for a number or for a line of text, with its label.
import { box } from "./box.js";
import { tell } from "./telling.js";

function render({ model, el }) {
  const root = document.createElement("label"), name = document.createElement("span"), input = document.createElement("input");
  const isNumber = model.get("kind") === "number";
  root.className = "labkit-entry";
  name.textContent = model.get("label");
  Object.assign(input, { type: model.get("kind"), placeholder: model.get("placeholder"), spellcheck: false });
  if (isNumber) input.step = model.get("step");
  root.append(name, input);
  el.append(root);
  const write = box(input, { show: () => show(), take: (text) => tell(model, { value: isNumber ? Number(text) : text }, root) });
  const show = () => {
    const value = model.get("value");
    name.textContent = model.get("label");
    input.disabled = model.get("disabled");
    write(isNumber ? String(Number(value.toFixed(4))) : value);
  };
  model.on("change", show);
  show();
  return () => model.off("change", show);
}

export default { render };
