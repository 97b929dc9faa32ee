// Sends what a person did to the widget's kernel; where a restarted kernel has no end for it any more, the element says so.
export function tell(model, changes, element) {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  try {
    model.save_changes();
    return true;
  } catch {
    element.title = "The kernel was restarted: run this cell again";
    for (const control of [element, ...element.querySelectorAll("button, input")]) control.disabled = true;
    return false;
  }
}
