// Keys of which one at a time is held: `held` names it for as long as a person holds it.
import { tellEach } from "./telling.js";

function render({ model, el }) {
  const box = document.createElement("div");
  box.className = "labkit-keys";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", model.get("label"));
  el.append(box);
  const buttons = new Map();

  let down = ""; // here, whatever the kernel has taken of it
  const hold = (name) => {
    if (down === name || (name && model.get("disabled"))) return;
    down = name;
    tellEach(model, { held: name }, box);
  };
  const letGo = (name) => {
    if (down === name) hold("");
  };
  const named = (event) => {
    if (event.key === " " || event.key === "Enter") return document.activeElement?.dataset.name;
    return model.get("places").find((each) => each.key === event.key)?.name;
  };

  for (const { name, label, title, row, column, look } of model.get("places")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = look ? `labkit-key-${look}` : "jupyter-button";
    button.dataset.name = name;
    button.textContent = label;
    button.title = title;
    button.setAttribute("aria-label", title);
    Object.assign(button.style, { gridRow: row, gridColumn: column });
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      // Captured: the release counts wherever the pointer is by then.
      button.setPointerCapture(event.pointerId);
      hold(name);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
      button.addEventListener(end, () => letGo(name));
    }
    buttons.set(name, button);
    box.append(button);
  }
  box.addEventListener("keydown", (event) => {
    const name = named(event);
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) hold(name);
  });
  box.addEventListener("keyup", (event) => {
    const name = named(event);
    if (name) letGo(name);
  });
  // The key that was pressed may come up elsewhere.
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) hold("");
  });

  const show = () => {
    const lit = new Set([model.get("held"), ...model.get("lit")]);
    for (const [name, button] of buttons) {
      button.disabled = model.get("disabled");
      button.setAttribute("aria-pressed", String(lit.has(name)));
      button.classList.toggle("mod-active", lit.has(name));
      button.classList.toggle("labkit-lit", lit.has(name));
    }
  };
  model.on("change", show);
  show();
  return () => {
    model.off("change", show);
    hold("");
  };
}

export default { render };
