// Sends what a person did to the widget's kernel; where a restarted kernel has no end for it any more, the element says so.
export function tell(model, changes, element) {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  return attempt(() => model.save_changes(), element);
}

// The same for what must neither be skipped nor come in another order, however busy the kernel is: of traits it is told the
// newest values, and the release between two presses would be none. They show when the kernel has taken them.
export function tellEach(model, changes, element) {
  return attempt(() => model.send({ set: changes }), element);
}

function attempt(send, element) {
  try {
    send();
    return true;
  } catch {
    element.title = "The kernel was restarted: run this cell again";
    for (const control of [element, ...element.querySelectorAll("button, input")]) control.disabled = true;
    return false;
  }
}
