// Lies in a panel of something that moves. Tells the kernel when somebody uses that panel in this page, so that the
// device stops when the page is gone; and says so when it was.
import { connect } from "./link.js";

// A click that no pointer made comes from the keyboard or a screen reader. What a pointer lets go of is no new act:
// a drag may have outlived a stop.
const isAct = {
  pointerdown: () => true,
  keydown: (event) => !event.repeat,
  input: () => true,
  click: (event) => event.detail === 0,
};

function render({ model, el }) {
  const device = model.get("device"), link = connect(model);
  let stops = 0;
  const words = document.createElement("div");
  words.setAttribute("role", "alert");
  words.className = "labkit-heartbeat";
  words.style.cssText = "margin:0 4px;color:var(--jp-error-color1,#b3261e);font:var(--jp-ui-font-size1,13px) var(--jp-ui-font-family)";
  el.append(words);

  // The events are the document's, for this view may be made before its panel is in the page.
  const tell = (event) => {
    const panel = el.closest(".labkit-panel");
    if (!panel || event.target.closest?.(".labkit-panel") !== panel || !isAct[event.type](event)) return;
    link.send("heartbeat", { type: "touch", device, stops });
  };
  for (const type of Object.keys(isAct)) document.addEventListener(type, tell, true);

  link.listen("heartbeat", (message) => {
    if (message.type === "ping") link.send("heartbeat", { type: "pong" });
    if (message.type !== "state" || message.device !== device) return;
    stops = message.stops;
    const said = message.said;
    words.textContent = said && `${said[0].toUpperCase()}${said.slice(1)}. To drive it again, use its controls.`;
    el.closest(".labkit-panel")?.toggleAttribute("data-stopped", Boolean(said));
  });
  link.onUp(() => link.send("heartbeat", { type: "hello", device }));
  return () => {
    for (const type of Object.keys(isAct)) document.removeEventListener(type, tell, true);
    link.close();
  };
}

export default { render };
