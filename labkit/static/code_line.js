// The line of code that a panel stands for, and a button that copies it. One lies in every panel: its view keeps plain
// keys that are pressed in the panel from the notebook.
import { copy } from "./clipboard.js";
import { keepKeys } from "./keys.js";

const SHOWN_MS = 1500;

function render({ model, el }) {
  const root = document.createElement("div"), code = document.createElement("code"), button = document.createElement("button");
  root.className = "labkit-code-line";
  code.className = "labkit-code";
  code.title = "The code that does or reads the same: for a cell of your own";
  button.type = "button";
  button.className = "labkit-copy";
  button.textContent = "Copy";
  root.append(code, button);
  el.append(root);

  const show = () => {
    code.textContent = model.get("value");
    button.setAttribute("aria-label", `Copy ${model.get("value")}`);
    root.hidden = !model.get("value");
  };
  let timer = 0;
  button.addEventListener("click", async () => {
    button.textContent = (await copy(model.get("value"))) ? "Copied" : "Not copied";
    clearTimeout(timer);
    timer = setTimeout(() => { button.textContent = "Copy"; }, SHOWN_MS);
  });
  model.on("change:value", show);
  show();
  const release = keepKeys(() => el.closest(".labkit-panel"));
  return () => {
    clearTimeout(timer);
    release();
    model.off("change:value", show);
  };
}

export default { render };
