// A switch that is on or off, and says which; or what unfolds something.
import { tell } from "./telling.js";

function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "jupyter-button labkit-switch";
  if (!model.get("unfolds")) button.setAttribute("role", "switch");
  el.append(button);
  const show = () => {
    const isOn = model.get("value");
    const [off, on, state] = model.get("unfolds") ? ["▸", "▾", "aria-expanded"] : ["○", "◉", "aria-checked"];
    button.textContent = `${isOn ? on : off} ${model.get("label")}`;
    button.setAttribute("aria-label", model.get("label"));
    button.setAttribute(state, String(isOn));
    button.disabled = model.get("disabled");
    button.title = button.disabled ? "The device is closed" : model.get("tip");
  };
  button.addEventListener("click", () => tell(model, { value: !model.get("value") }, button));
  model.on("change", show);
  show();
  return () => model.off("change", show);
}

export default { render };
