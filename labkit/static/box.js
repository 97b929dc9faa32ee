// What is typed into an input counts once it is finished: at Enter, or when the focus goes. Escape takes it back, and so
// does leaving a number empty. While somebody types, `show` leaves it alone.
export function box(input, { show, take }) {
  let isTyped = false;
  const commit = () => {
    if (!isTyped) return;
    isTyped = false;
    if (input.type === "number" && input.value === "") show();
    else take(input.value.trim());
  };
  input.addEventListener("input", () => { isTyped = true; });
  // Chromium does not always tell of a change at Enter.
  for (const end of ["change", "blur"]) input.addEventListener(end, commit);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") commit();
    if (event.key !== "Escape") return;
    isTyped = false;
    show();
  });
  return (text) => { if (!isTyped) input.value = text; };
}

// A number as it is read: with its step's digits, or as many as it has.
export function inWords(value, step) {
  const short = value.toFixed(step >= 1 ? 0 : step >= 0.1 ? 1 : 2);
  return Math.abs(value - Number(short)) < 1e-9 ? short : String(Number(value.toFixed(4)));
}
