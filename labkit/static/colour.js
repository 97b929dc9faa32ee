// A colour to pick, or to type: #ff8000, or the name of one. What is no colour is the kernel's to refuse.
import { box } from "./box.js";
import { tell } from "./telling.js";

const HEX = /^#[0-9a-f]{6}$/i;

function render({ model, el }) {
  const root = document.createElement("div"), name = document.createElement("span"), label = model.get("label");
  root.className = "labkit-colour";
  name.textContent = label;
  name.setAttribute("aria-hidden", "true");
  const [picker, typed] = ["color", "text"].map((type) => Object.assign(document.createElement("input"), { type, spellcheck: false }));
  picker.setAttribute("aria-label", label);
  typed.setAttribute("aria-label", `${label}, typed`);
  typed.title = "#ff8000, or a name such as orange";
  root.append(name, picker, typed);
  el.append(root);

  const write = box(typed, { show: () => show(), take: (value) => tell(model, { value }, root) });
  const show = () => {
    picker.disabled = typed.disabled = model.get("disabled");
    if (HEX.test(model.get("value"))) picker.value = model.get("value");
    write(model.get("value"));
  };
  picker.addEventListener("input", () => tell(model, { value: picker.value }, root));
  model.on("change", show);
  show();
  return () => model.off("change", show);
}

export default { render };
