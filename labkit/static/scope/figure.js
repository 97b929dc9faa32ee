// The Bokeh figure: axes, grid, tools, and the traces of what stands still. It is described here and not by Bokeh's Python
// package, which a small machine needs seconds to load.
import { FILL, GAP } from "./canvas.js";

const WORDS_PX = 120; // from mark to mark, so that both can say what they are
let count = 0;

function model(name, attributes = {}) {
  return { type: "object", name, id: `labkit${++count}`, attributes };
}
const field = (name) => ({ type: "field", field: name });
const map = (entries) => ({ type: "map", entries });

function source(...columns) {
  const data = map(columns.map((name) => [name, []]));
  return model("ColumnDataSource", { data, selected: model("Selection"), selection_policy: model("UnionRenderers") });
}
const drawn = (data_source, glyph) => model("GlyphRenderer", { data_source, glyph, view: model("CDSView", { filter: model("AllIndices") }) });

function trace({ colour }) {
  return drawn(source("x", "y", "note"), model("Line", { x: field("x"), y: field("y"), line_color: colour, line_width: 1.5, line_join: "round" }));
}
// What goes with a trace: below a level that is high some colour, between samples that lie too far apart a few dots.
function beside(lane, place) {
  return lane.digital
    ? drawn(source("x", "y"), model("VArea", { x: field("x"), y1: { type: "value", value: place.bottom }, y2: field("y"), fill_color: lane.colour, fill_alpha: FILL }))
    : drawn(source("x", "y"), model("Line", { x: field("x"), y: field("y"), line_color: lane.colour, line_alpha: GAP, line_dash: [2, 3] }));
}

function describe(lanes, layout) {
  const traces = lanes.map(trace), marks = drawn(source("x", "note"), model("VSpan", { x: field("x"), line_dash: [5, 4] }));
  const words = drawn(source("x", "text"), model("Text", {
    x: field("x"), y: { type: "value", value: layout.height }, text: field("text"), x_offset: 4, y_offset: 2, text_baseline: "top", text_font_size: "11px",
  }));
  const renderers = [...traces, ...lanes.map((lane, index) => beside(lane, layout.lanes[index])), marks, words];
  const axis = (attributes) => model("LinearAxis", { formatter: model("BasicTickFormatter", { use_scientific: false, precision: "auto" }), major_label_policy: model("AllLabels"), ...attributes });
  const below = axis({ ticker: model("BasicTicker", { mantissas: [1, 2, 5] }), axis_label_text_font_style: "normal", axis_label_text_font_size: "12px" });
  const left = axis({ ticker: model("FixedTicker", { ticks: [], minor_ticks: [] }), major_tick_line_color: null, minor_tick_line_color: null, major_label_text_font_size: "12px" });
  const grid = (attributes) => model("Grid", { grid_line_alpha: 0.25, ...attributes });
  const tools = [
    model("PanTool", { dimensions: "width" }),
    model("WheelZoomTool", { dimensions: "width" }),
    model("BoxZoomTool", { dimensions: "width" }),
    model("HoverTool", { renderers: [...traces, marks].map(({ id }) => ({ id })), tooltips: "@note", mode: "mouse", line_policy: "nearest" }),
  ];
  const figure = model("Figure", {
    height: layout.height + 84, sizing_mode: "stretch_width", renderers,
    x_range: model("Range1d", { start: -1, end: 0 }), y_range: model("Range1d", { start: 0, end: layout.height }),
    x_scale: model("LinearScale"), y_scale: model("LinearScale"), title: null,
    toolbar: model("Toolbar", { tools, logo: null }), toolbar_location: "above",
    background_fill_alpha: 0, border_fill_alpha: 0, min_border_right: 14, min_border_left: 96, output_backend: "canvas",
    left: [left], below: [below],
    center: [grid({ axis: { id: below.id } }), grid({ dimension: 1, ticker: model("FixedTicker", { ticks: layout.lanes.map((lane) => lane.edge), minor_ticks: [] }) })],
  });
  return figure;
}

export class Figure {
  static async make(Bokeh, place, lanes, layout) {
    const root = describe(lanes, layout);
    const doc = { version: Bokeh.version, title: "", roots: [root] };
    const manager = await Bokeh.embed.embed_item({ target_id: null, root_id: root.id, doc }, place);
    return new Figure(Bokeh, manager, lanes, layout);
  }
  constructor(Bokeh, manager, lanes, layout) {
    Object.assign(this, { Bokeh, manager, lanes, layout });
    this.view = manager.roots[0];
    this.model = this.view.model;
    this.document = this.model.document;
    this.isOurs = false;
    this.label();
  }
  destroy() {
    this.manager.clear?.();
    this.document.clear();
    const at = this.Bokeh.documents.indexOf(this.document);
    if (at >= 0) this.Bokeh.documents.splice(at, 1);
  }
  // The frame that traces lie in, in CSS pixels from the figure's corner.
  get frame() {
    const { left, top, width, height } = this.view.frame.bbox;
    return { left, top, width, height };
  }
  get range() { return [this.model.x_range.start, this.model.x_range.end]; }
  set range([start, end]) {
    this.isOurs = true;
    this.model.x_range.setv({ start, end });
    this.isOurs = false;
  }
  // Told when a person zooms or pans.
  onRange(moved) { this.model.x_range.change.connect(() => { if (!this.isOurs) moved(); }); }
  onLayout(laid) {
    const observer = new ResizeObserver(laid);
    observer.observe(this.view.el);
    return () => observer.disconnect();
  }
  set axis(words) {
    if (this.model.below[0].axis_label !== words) this.model.below[0].axis_label = words;
  }
  // Names, and what a trace's top and bottom stand for.
  label() {
    const ticks = [], words = new Map();
    this.lanes.forEach((lane, index) => {
      const place = this.layout.lanes[index], middle = place.bottom + place.size / 2;
      const put = (at, text) => { ticks.push(at); words.set(at, text); };
      put(middle, lane.name);
      if (lane.digital) return;
      const unit = lane.unit ? ` ${lane.unit}` : "", number = (value) => String(Number(value.toPrecision(4)));
      put(place.bottom, number(place.low) + unit);
      put(place.bottom + place.size, number(place.high) + unit);
    });
    const axis = this.model.left[0];
    axis.major_label_overrides = words;
    axis.ticker.ticks = ticks;
  }
  set(lane, { x, y, note, beside }) {
    this.model.renderers[lane].data_source.data = { x, y, note };
    this.model.renderers[this.lanes.length + lane].data_source.data = beside ?? { x, y };
  }
  // Marks, as `[x, words]` by x: those whose words have room beside the one before tell them.
  mark(marks) {
    const [begin, end] = this.range, room = (WORDS_PX * (end - begin)) / this.frame.width, [lines, words] = this.model.renderers.slice(-2);
    lines.data_source.data = { x: marks.map(([x]) => x), note: marks.map(([, text]) => text) };
    const told = [];
    for (const mark of marks) if (mark[0] >= begin && mark[0] <= end && !(mark[0] - told.at(-1)?.[0] < room)) told.push(mark);
    words.data_source.data = { x: told.map(([x]) => x), text: told.map(([, text]) => text) };
  }
  show(shown) { for (const renderer of this.model.renderers) if (renderer.visible !== shown) renderer.visible = shown; }
  colour(lane, colour) {
    const { renderers } = this.model, other = renderers[this.lanes.length + lane].glyph;
    renderers[lane].glyph.line_color = colour;
    other[this.lanes[lane].digital ? "fill_color" : "line_color"] = colour;
  }
  paint({ text, border, strong }) {
    for (const axis of [...this.model.below, ...this.model.left]) {
      axis.setv({ axis_label_text_color: text, major_label_text_color: text, axis_line_color: border });
    }
    this.model.below[0].setv({ major_tick_line_color: border, minor_tick_line_color: border });
    this.model.outline_line_color = border;
    const [marks, words] = this.model.renderers.slice(-2);
    marks.glyph.line_color = strong;
    words.glyph.text_color = text;
    for (const grid of this.model.center) if ("grid_line_color" in grid) grid.grid_line_color = strong;
  }
  // The picture as a canvas, with its toolbar left out.
  async picture() { return this.view.export("png", true).canvas; }
}
