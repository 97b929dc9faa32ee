// Says so where what somebody did is not served at once: front ends without subshells send it to the kernel's shell,
// where the running cell holds it up; and so may a callback of the user's that sleeps.
//
//   const end = watchWaiting(model, { frame, place });   // frame(): the element whose controls are watched; place: for the words
import { connect } from "./link.js";

const SOON_MS = 300; // what takes no longer is nobody's business
const CONTROLS = "button, input, select, textarea, [role=slider], [role=button], [tabindex], label";
const KINDS = ["pointerdown", "pointerup", "keydown", "input", "change", "click"];
const name = () => crypto.getRandomValues(new Uint32Array(1))[0].toString(36);

// `place` gets the words. What is asked by the model's own comm is answered after what was sent by it before, and
// after what other widgets of the frame sent, for all of it stands in one queue.
export function watchWaiting(model, { frame, place }) {
  const id = name(), words = document.createElement("div");
  words.className = "labkit-waiting";
  words.setAttribute("role", "status");
  words.style.cssText = "margin:2px 4px;color:var(--jp-ui-font-color1);background:var(--jp-warn-color3,#ffe0b2);width:fit-content;padding:0 8px;border-radius:3px;" +
    "font:var(--jp-ui-font-size1,13px) var(--jp-ui-font-family)";
  words.hidden = true;
  place.append(words);
  let acts = 0, asked = 0, timer = 0, link = null;

  const say = (text) => {
    words.textContent = text;
    words.hidden = !text;
  };
  const settle = () => {
    clearTimeout(timer);
    timer = 0;
    link?.close();
    link = null;
    say("");
  };
  // Over the socket, which no cell holds up, the kernel says what it is doing; where there is none, it can only be a cell.
  const explain = () => {
    say("Waits for the running cell, and is done then. To stop everything at once: interrupt the kernel, or `labkit stop` in a terminal.");
    if (link) return;
    link = connect(model);
    link.listen("stop", (state) => {
      if (state.running === undefined) return;
      say(state.running ? `Waits for the running ${state.running}, and is done then. STOP works now.` : "Waits for the kernel, which is busy with what was done before.");
    });
    link.onUp((way) => { if (way === "socket") link.send("stop", { type: "state" }); });
  };
  const ask = () => {
    asked = acts;
    try {
      model.send({ ping: id });
    } catch {
      settle();
      return say("This view's kernel is gone: run this cell again.");
    }
    timer = setTimeout(explain, words.hidden ? SOON_MS : 0);
  };
  const answered = (message) => {
    if (message.pong !== id) return;
    const isOver = asked === acts;
    if (isOver) settle();
    else { clearTimeout(timer); ask(); }
  };
  const acted = (event) => {
    const around = frame();
    // Of panels in panels each watches its own; STOP has words of its own.
    if (!around?.contains(event.target) || event.target.closest(".labkit-panel, .labkit-framed") !== around) return;
    if (!event.target.closest(CONTROLS) || event.target.closest(".labkit-stop-bar") || (event.type === "keydown" && event.key === "Tab")) return;
    acts++;
    // Asked after the act is on its way, and once for many.
    if (!timer) timer = setTimeout(ask, SOON_MS);
  };
  model.on("msg:custom", answered);
  for (const kind of KINDS) document.addEventListener(kind, acted, true);
  return () => {
    for (const kind of KINDS) document.removeEventListener(kind, acted, true);
    model.off("msg:custom", answered);
    settle();
  };
}
