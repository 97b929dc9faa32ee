// Plain keys are a view's own: the notebook's shortcuts would move, delete and run cells by them. Those with Ctrl, Alt
// or Meta stay the notebook's.
export function keepKeys(find) {
  const guard = (event) => {
    if (!find()?.contains(event.target)) return;
    // On the very element: whatever a shortcut is for, JupyterLab asks the focused one first.
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey || event.altKey));
  };
  // At the window: the notebook listens at the document, before any element in it hears of a key.
  window.addEventListener("keydown", guard, true);
  return () => window.removeEventListener("keydown", guard, true);
}
