// A Bokeh figure whose lanes follow the bench. The kernel sends edges; this draws them against
// lab time, and acknowledges each frame it has painted.
const FRAME_MS = 40;
const KEPT = 20000; // points a lane

// One BokehJS per page, asked of the kernel once, whatever the number of plots.
function loadBokeh(model, view) {
  const wanted = model.get("bokeh_version");
  const loads = (window.__labkitBokeh ??= new Map());
  if (loads.has(wanted)) return loads.get(wanted);
  const load = new Promise((resolve, reject) => {
    if (window.Bokeh?.version === wanted) return resolve(window.Bokeh);
    const receive = (message, buffers) => {
      if (message.type !== "bokehjs" || message.to !== view) return;
      model.off("msg:custom", receive);
      const script = document.createElement("script");
      script.src = URL.createObjectURL(new Blob([buffers[0]], { type: "text/javascript" }));
      script.onload = () => { URL.revokeObjectURL(script.src); resolve(window.Bokeh); };
      script.onerror = () => { loads.delete(wanted); reject(new Error("the page refused to load BokehJS")); };
      document.head.append(script);
    };
    model.on("msg:custom", receive);
    model.send({ type: "bokehjs", view });
  });
  loads.set(wanted, load);
  return load;
}

function toolbar(el) {
  const bar = document.createElement("div");
  bar.style.cssText = "display:flex;gap:8px;align-items:center;font-family:var(--jp-ui-font-family)";
  const pause = document.createElement("button");
  pause.type = "button";
  pause.className = "jupyter-button labkit-pause";
  pause.style.cssText = "height:28px;padding:0 12px";
  const note = document.createElement("span");
  note.style.cssText = "color:var(--jp-ui-font-color2);font-size:12px";
  bar.append(pause, note);
  el.append(bar);
  return { pause, note };
}

// The figure's text and grid in the colours of JupyterLab's theme, now and when it changes.
function followTheme(el, plot) {
  const paint = () => {
    const style = getComputedStyle(el);
    const text = style.getPropertyValue("--jp-ui-font-color1").trim() || style.color;
    const line = style.getPropertyValue("--jp-border-color1").trim() || "#9ca3af";
    for (const axis of [...plot.below, ...plot.left]) {
      axis.axis_label_text_color = axis.major_label_text_color = text;
      axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = line;
    }
    plot.outline_line_color = line;
  };
  paint();
  const observer = new MutationObserver(paint);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  return () => observer.disconnect();
}

class Lanes {
  constructor(count, sources) {
    this.sources = sources;
    this.lanes = Array.from({ length: count }, () => ({ t: [], y: [], level: [], dirty: false }));
    this.edges = 0;
  }
  clear() {
    for (const lane of this.lanes) Object.assign(lane, { t: [], y: [], level: [], dirty: true });
  }
  add(times, numbers, levels) {
    for (let i = 0; i < times.length; i++) {
      const lane = this.lanes[numbers[i]];
      lane.t.push(times[i]);
      lane.level.push(levels[i]);
      lane.y.push(this.lanes.length - 1 - numbers[i] + 0.8 * levels[i]);
      lane.dirty = true;
    }
    this.edges += times.length;
  }
  // `end` lies beyond the right edge, so that the last level reaches it until the next edge comes.
  paint(start, end) {
    this.lanes.forEach((lane, index) => {
      if (!lane.dirty) return;
      let drop = Math.max(0, lane.t.length - KEPT);
      while (drop < lane.t.length - 1 && lane.t[drop + 1] < start) drop++;
      if (drop) for (const column of [lane.t, lane.y, lane.level]) column.splice(0, drop);
      const last = lane.t.length - 1;
      this.sources[index].data = last < 0 ? { t: [], y: [], level: [] } : {
        t: [...lane.t, end], y: [...lane.y, lane.y[last]], level: [...lane.level, lane.level[last]],
      };
      lane.dirty = false;
    });
  }
}

async function render({ model, el }) {
  el.classList.add("labkit-scope");
  const id = crypto.randomUUID();
  const { pause, note } = toolbar(el);
  const place = document.createElement("div");
  place.style.width = "100%";
  el.append(place);
  const cleanups = [];
  let over = false;
  start().catch((error) => { note.textContent = `The plot can't be drawn: ${error.message}`; });
  return () => { over = true; cleanups.forEach((clean) => clean()); };

  async function start() {
    note.textContent = "loading …";
    const Bokeh = await loadBokeh(model, id);
    if (over) return;
    const manager = await Bokeh.embed.embed_item(structuredClone(model.get("figure")), place);
    if (over) return manager.clear?.();
    const plot = manager.roots[0].model;
    const documentOfPlot = plot.document;
    cleanups.push(() => { manager.clear?.(); documentOfPlot.clear();
      const at = Bokeh.documents.indexOf(documentOfPlot); if (at >= 0) Bokeh.documents.splice(at, 1); });
    cleanups.push(followTheme(el, plot));
    run(plot, documentOfPlot);
  }

  function run(plot, documentOfPlot) {
    const span = model.get("window");
    const count = model.get("channels").length;
    const lanes = new Lanes(count, Array.from({ length: count }, (_, i) => documentOfPlot.get_model_by_name(`lane ${i}`)));
    let offset = -Infinity, paused = false, unpainted = 0, drawn = 0, visible = true, gone = false, timer = 0;
    // A restarted kernel has no end for this comm any more, and sending says so by throwing.
    const tell = (type) => {
      if (gone) return;
      try {
        model.send({ type, view: id });
      } catch {
        gone = true;
        note.textContent = "the kernel was restarted: run this cell again";
      }
    };
    const now = () => offset + performance.now() / 1000;

    const receive = (message, buffers) => {
      if (message.type !== "edges" || message.to !== id) return;
      // The quickest message tells best how far the clocks are apart.
      offset = Math.max(offset, message.now - performance.now() / 1000);
      if (message.first) lanes.clear();
      const aligned = buffers.map((view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
      lanes.add(new Float64Array(aligned[0]), new Uint8Array(aligned[1]), new Float32Array(aligned[2]));
      unpainted++;
    };
    model.on("msg:custom", receive);
    cleanups.push(() => { model.off("msg:custom", receive); tell("bye"); });

    const show = () => {
      pause.textContent = paused ? "Run" : "Pause";
      pause.setAttribute("aria-pressed", String(paused));
      note.textContent = paused ? "paused: zoom and pan; nothing is lost" : `last ${span} s`;
    };
    pause.onclick = () => { paused = !paused; show(); };
    show();

    const frame = (time) => {
      if (over) return;
      timer = requestAnimationFrame(frame);
      if (time - drawn < FRAME_MS || !visible || offset === -Infinity) return;
      drawn = time;
      if (!paused) {
        const end = now();
        lanes.paint(end - 2 * span, end + 3600);
        plot.x_range.setv({ start: end - span, end });
        el.dataset.paintedEdges = lanes.edges;
      }
      for (; unpainted > 0; unpainted--) tell("painted");
    };
    timer = requestAnimationFrame(frame);
    const observer = new IntersectionObserver((entries) => { visible = entries.at(-1).isIntersecting; });
    observer.observe(el);
    cleanups.push(() => { cancelAnimationFrame(timer); observer.disconnect(); });
    tell("hello");
  }
}

export default { render };
