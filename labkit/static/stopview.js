// STOP beside panels: the bar where it is wanted, and always the one at the top of the page.
import { connect } from "./link.js";
import { stopBar, stopInPage } from "./stop.js";

function render({ model, el }) {
  stopInPage(model);
  if (!model.get("bar")) return undefined;
  const link = connect(model);
  stopBar(link, el);
  return () => link.close();
}

export default { render };
