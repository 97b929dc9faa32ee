// Whether it came to the clipboard.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page without https has no clipboard of its own.
    const before = document.activeElement, box = document.createElement("textarea");
    document.body.append(box);
    box.value = text;
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    before?.focus();
    return done;
  }
}
