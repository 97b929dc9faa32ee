// A figure of what pins did: live, standing still at a trigger, or any window of what is kept. The kernel's side is
// labkit/scope/: it sends columns of what changed, and answers for windows.
import { connect } from "./link.js";
import { loadBokeh } from "./scope/bokeh.js";
import { Panel } from "./scope/panel.js";

function render({ model, el }) {
  el.classList.add("labkit-scope");
  const link = connect(model);
  const panel = new Panel(el, link, model.get("plot"));
  link.onEnd(() => panel.gone());
  loadBokeh(link, model.get("bokeh")).then(
    (Bokeh) => panel.begin(Bokeh),
    (error) => panel.bar.say(`The plot can't be drawn: ${error.message}.`),
  );
  return () => {
    panel.close();
    link.close();
  };
}

export default { render };
