// Keys of which one at a time is held: `held` names it for as long as a person holds it.
function render({ model, el }) {
  const box = document.createElement("div");
  box.className = "labkit-keys";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", model.get("label"));
  box.style.cssText = "display:inline-grid;gap:2px;margin:4px 12px 4px 0;touch-action:none;user-select:none";
  el.append(box);
  const buttons = new Map();

  const hold = (name) => {
    if (model.get("held") === name || (name && model.get("disabled"))) return;
    model.set("held", name);
    try {
      model.save_changes();
    } catch {
      // A restarted kernel has no end for this widget any more.
      box.title = "The kernel was restarted: run this cell again";
      for (const button of buttons.values()) button.disabled = true;
    }
  };
  const letGo = (name) => {
    if (model.get("held") === name) hold("");
  };
  const named = (event) => {
    if (event.key === " " || event.key === "Enter") return document.activeElement?.dataset.name;
    return model.get("places").find((each) => each.key === event.key)?.name;
  };

  for (const { name, label, title, row, column, dark, width } of model.get("places")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "jupyter-button";
    button.dataset.name = name;
    button.textContent = label;
    button.title = title;
    button.setAttribute("aria-label", title);
    button.style.cssText =
      `grid-row:${row};grid-column:${column};width:${width}px;height:${dark ? 28 : 34}px;padding:0;font-size:11px;` +
      (dark ? "background:var(--jp-layout-color4);color:var(--jp-ui-inverse-font-color1)" : "");
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
      button.style.outline = lit.has(name) ? "2px solid var(--jp-brand-color1)" : "";
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
