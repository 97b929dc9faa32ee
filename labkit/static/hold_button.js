// A button with a down and an up: `held` is true for as long as a person holds it.
import { tellEach } from "./telling.js";

function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "jupyter-button labkit-hold";
  el.append(button);

  let isDown = false; // here, whatever the kernel has taken of it
  const hold = (held) => {
    if (isDown === held || (held && model.get("disabled"))) return;
    isDown = held;
    tellEach(model, { held }, button);
  };
  const show = () => {
    const held = model.get("held");
    button.textContent = held ? "● held" : `○ ${model.get("label")}`;
    button.setAttribute("aria-label", `${model.get("label")}: hold to keep it down`);
    button.setAttribute("aria-pressed", String(held));
    button.classList.toggle("mod-active", held);
    button.disabled = model.get("disabled");
    button.title = button.disabled ? "The device is closed" : "Hold the mouse button, a finger or the space bar";
  };

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    // Captured: the release counts wherever the pointer is by then.
    button.setPointerCapture(event.pointerId);
    hold(true);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
    button.addEventListener(end, () => hold(false));
  }
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) hold(true);
  });
  button.addEventListener("keyup", (event) => {
    if (event.key === " " || event.key === "Enter") hold(false);
  });
  model.on("change", show);
  show();
  return () => {
    model.off("change", show);
    hold(false);
  };
}

export default { render };
