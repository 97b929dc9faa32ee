// STOP beside panels: the bar where it is wanted, and always the one at the top of the page. In a panel it says, too,
// when the panel's controls have to wait.
import { connect } from "./link.js";
import { stopBar, stopInPage } from "./stop.js";
import { watchWaiting } from "./waiting.js";

function render({ model, el }) {
  stopInPage(model);
  // Looked for at each act: a view may be made before its panel is in the page.
  if (!model.get("bar")) return watchWaiting(model, { frame: () => el.closest(".labkit-panel, .labkit-framed"), place: el });
  const link = connect(model);
  stopBar(link, el);
  return () => link.close();
}

export default { render };
