// A figure of Bokeh's, as a cell's last line. What Python described is drawn as it is; only where it kept Bokeh's own
// colours does it take those of the page.
import { connect } from "./link.js";
import { loadBokeh } from "./scope/bokeh.js";
import { followTheme } from "./scope/theme.js";

const PLAIN = { ground: "#ffffff", title: "#444444", text: "#444444", line: "#000000", grid: "#e5e5e5", outline: "#e5e5e5" };

// Each property of a model that a colour of the theme goes into, if it is as Bokeh has it.
function* painted(model) {
  const name = model.type;
  if (name === "Figure" || name === "Plot") {
    yield ["background_fill_color", PLAIN.ground, "ground"];
    yield ["border_fill_color", PLAIN.ground, "ground"];
    yield ["outline_line_color", PLAIN.outline, "border"];
  } else if (name.endsWith("Axis")) {
    for (const text of ["axis_label_text_color", "major_label_text_color"]) yield [text, PLAIN.text, "text"];
    for (const line of ["axis_line_color", "major_tick_line_color", "minor_tick_line_color"]) yield [line, PLAIN.line, "strong"];
  } else if (name.endsWith("Grid")) {
    yield ["grid_line_color", PLAIN.grid, "border"];
  } else if (name === "Title") {
    yield ["text_color", PLAIN.title, "text"];
  } else if (name === "Legend") {
    yield ["label_text_color", PLAIN.text, "text"];
    yield ["background_fill_color", PLAIN.ground, "ground"];
    yield ["border_line_color", PLAIN.outline, "border"];
  }
}

function render({ model, el }) {
  el.classList.add("labkit-drawn");
  const link = connect(model), cleanups = [];
  let isOver = false;
  draw().catch((error) => { el.textContent = `The figure can't be drawn: ${error.message}.`; });
  return () => {
    isOver = true;
    for (const clean of cleanups) clean();
    link.close();
  };

  async function draw() {
    const Bokeh = await loadBokeh(link, model.get("bokeh"));
    if (isOver) return;
    const manager = await Bokeh.embed.embed_item(structuredClone(model.get("item")), el);
    const root = manager.roots[0].model, of = root.document;
    const remove = () => {
      manager.clear?.();
      of.clear();
      const at = Bokeh.documents.indexOf(of);
      if (at >= 0) Bokeh.documents.splice(at, 1);
    };
    if (isOver) return remove();
    cleanups.push(remove, follow(root));
    el.dataset.drawn = "true";
  }

  function follow(root) {
    const own = [...root.references()].flatMap((one) =>
      [...painted(one)].filter(([name, plain]) => one[name] === plain).map(([name, , colour]) => [one, name, colour]));
    // Fainter than the axes: on dark ground a line of that colour is loud.
    for (const [one, name] of own) if (name === "grid_line_color" && one.grid_line_alpha === 1) one.grid_line_alpha = 0.5;
    return followTheme(el, (theme) => { for (const [one, name, colour] of own) one[name] = theme[colour]; });
  }
}

export default { render };
