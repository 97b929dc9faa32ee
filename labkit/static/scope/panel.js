// One view: the bar, the figure, the channels; and who may draw when.
import { Axis } from "./axis.js";
import { Bar } from "./bar.js";
import { LabClock } from "./clock.js";
import { Strip, decodeColumns } from "./columns.js";
import { Cursors } from "./cursors.js";
import { Figure } from "./figure.js";
import { unitFor } from "./format.js";
import { Layout } from "./layout.js";
import { Painter } from "./painter.js";
import { Past, linesOf } from "./past.js";
import { Export, savePicture } from "./save.js";
import { Table, make } from "./table.js";
import { followTheme } from "./theme.js";
import { Traces } from "./canvas.js";
import { TriggerPanel } from "./trigger.js";

const ACK_MS = 100, MEASURE_MS = 500, SILENT_MS = 500, SILENT_FRAME_MS = 45;
const LEAST_NS = 1000; // from edge to edge

export class Panel {
  constructor(el, link, plot) {
    Object.assign(this, { el, link, plot, clock: new LabClock(), isLive: true, isOver: false, setup: null, figure: null, capture: null });
    this.painted = this.newest = this.paintedAt = this.drawnAt = this.heardAt = this.measuredAt = this.pictures = 0;
    this.place = make("div", { className: "labkit-figure", tabIndex: 0, role: "group" });
    this.bar = new Bar(el, this.place, {
      toggle: () => this.follow(!this.isLive), zoom: (by) => this.zoom(by), whole: () => this.whole(),
      span: (length) => this.send({ type: "span", seconds: length }), add: (name) => this.send({ type: "add", name }),
      showTrigger: (isOn) => { this.trigger.element.hidden = !isOn; }, showCursors: (isOn) => this.cursors.show(isOn),
      png: () => this.png(), csv: () => this.export.start(...this.sight, `${this.title}.csv`),
    });
    this.trigger = new TriggerPanel(el, {
      use: (settings) => { this.follow(true); this.send({ type: "trigger", settings }); },
      arm: () => { this.follow(true); this.send({ type: "arm" }); }, complain: (words) => this.bar.say(words),
    });
    this.place.setAttribute("aria-label", "the picture: space stops it, arrows move through what was, + and − zoom, Home is live");
    this.place.addEventListener("keydown", (event) => this.key(event));
    el.append(this.place);
    this.traces = new Traces(this.place);
    this.painter = new Painter(this.traces);
    this.cursors = new Cursors(this.place, {
      toTime: (part) => this.sight[0] + part * (this.sight[1] - this.sight[0]),
      fromTime: (time) => (time - this.sight[0]) / (this.sight[1] - this.sight[0]),
      moved: () => this.measure(true), told: (time) => this.axis.at(time),
    });
    el.append(this.cursors.words);
    this.table = new Table(el, {
      colour: (lane, colour) => this.send({ type: "colour", lane, colour }), remove: (name) => this.send({ type: "remove", name }),
    });
    this.past = new Past((message) => this.send(message));
    this.export = new Export((message) => this.send(message), (words) => this.bar.say(words));
    this.isSeen = true;
    this.watcher = new IntersectionObserver((entries) => { this.isSeen = entries.at(-1).isIntersecting; });
    this.watcher.observe(this.place);
    this.bar.say("loading …");
    // JupyterLab has shortcuts of its own for these keys.
    for (const own of [this.bar.element, this.trigger.element, this.place]) own.dataset.lmSuppressShortcuts = "true";
    el.labkit = this; // for whoever looks under the bonnet
  }
  close() {
    this.isOver = true;
    cancelAnimationFrame(this.timer);
    this.send({ type: "bye" });
    this.watcher.disconnect();
    this.unlay?.();
    this.unpaint?.();
    this.figure?.destroy();
    delete this.el.labkit;
  }
  send(message) { return this.link.send("scope", { plot: this.plot, ...message }); }

  begin(Bokeh) {
    if (this.isOver) return;
    this.Bokeh = Bokeh;
    this.link.listen("scope", (message, buffers) => this.receive(message, buffers));
    this.link.onUp(() => {
      this.past.restart();
      if (!this.send({ type: "hello" })) return this.gone();
      if (this.setup?.live && !this.isLive) this.send({ type: "follow", live: false });
    });
    this.timer = requestAnimationFrame((time) => this.frame(time));
  }
  gone() {
    this.bar.say("What this showed is gone: run this cell again.");
    this.el.dataset.mode = "gone";
  }
  receive(message, buffers) {
    if (Array.isArray(message)) return this.hear(message, buffers[0]);
    switch (message.type) {
      case "setup": return this.build(message);
      case "capture": return this.still(message, buffers[0]);
      case "window": return this.arrived(message, buffers);
      case "measures": return this.measured(message);
      case "export": return this.export.receive(message, buffers);
      case "refused": this.export.stop(); return this.bar.say(message.why);
      case "gone": return this.gone();
    }
  }
  // ---- what there is to draw

  async build(setup) {
    const before = this.setup, shape = ({ lanes }) => JSON.stringify(lanes.map(({ name, digital, unit, span }) => [name, digital, unit, span]));
    const isReshaped = !before || shape(before) !== shape(setup);
    this.setup = setup;
    if (isReshaped) this.layout = new Layout(setup.lanes, setup.marks.length > 0);
    this.equip();
    this.bar.setup(setup);
    this.trigger.setup({ lanes: setup.lanes, trigger: setup.trigger, state: setup.state });
    if (JSON.stringify(before?.lanes) !== JSON.stringify(setup.lanes)) this.table.setup(setup.lanes, setup.live);
    if (!isReshaped && before.layout === setup.layout) {
      setup.lanes.forEach((lane, index) => this.figure?.colour(index, lane.colour));
      if (this.figure) this.words();
      return;
    }
    this.capture = null;
    if (setup.live) this.strip = new Strip(setup.lanes, 2 * setup.columns);
    if (isReshaped) {
      await this.draw();
      if (this.isOver || !this.figure || this.figure.layout !== this.layout) return;
    }
    if (!setup.live && !before) {
      this.isLive = false;
      this.look(setup.begin, Math.max(setup.end, setup.begin + LEAST_NS));
    } else if (this.isLive) this.rest();
    else {
      this.send({ type: "follow", live: false });
      this.look(...this.sight);
    }
  }
  equip() { this.painter.setup(this.setup.lanes, this.setup.column, this.layout, this.figure); }
  async draw() {
    const before = this.figure, layout = this.layout, lanes = this.setup.lanes;
    const figure = await Figure.make(this.Bokeh, this.place, lanes, layout);
    if (this.isOver || layout !== this.layout) return figure.destroy();
    this.figure = figure;
    this.equip();
    this.unlay?.();
    before?.destroy();
    this.unlay = figure.onLayout(() => this.fit());
    this.unpaint?.();
    this.unpaint = followTheme(this.el, (colours) => { this.colours = colours; figure.paint(colours); });
    figure.onRange(() => this.moved());
    if (before) figure.range = before.range;
    this.fit();
  }
  fit() {
    if (!this.figure?.frame?.width) return;
    this.traces.move(this.figure.frame);
    this.cursors.frame = this.figure.frame;
  }
  // ---- live

  follow(isLive) {
    if (!this.setup?.live || isLive === this.isLive) return;
    const sight = this.sight;
    this.isLive = isLive;
    this.send({ type: "follow", live: isLive });
    if (isLive) this.rest();
    else this.look(...sight);
  }
  // The axis of a picture that moves stands still: seconds before now, or from the trigger.
  rest() {
    this.el.dataset.mode = "live";
    this.bar.mode(true);
    if (!this.figure) return;
    this.figure.show(false);
    this.traces.show(true);
    this.clock.restart();
    this.traces.clear();
    this.axis = new Axis(unitFor(this.setup.window), 0, this.setup);
    const size = this.setup.window / this.axis.unit.size, pre = this.isStill ? this.setup.trigger.pre : 1;
    this.figure.range = [-pre * size, (1 - pre) * size];
    this.words();
  }
  // Whether the picture is one of an event, or waits to be.
  get isStill() { return Boolean(this.setup.trigger && (this.capture || this.setup.trigger.mode !== "auto")); }
  words() {
    const { trigger, state, lost, live } = this.setup;
    if (this.isLive) this.figure.axis = this.isStill ? this.axis.wordsOfEvent(this.capture?.at ?? null) : this.axis.wordsToNow;
    const waits = !trigger ? "" : state === "stopped" ? "stopped at the event" : this.capture ? "" : trigger.mode === "auto" ? "no event: running on" : "waiting for the event";
    const words = this.isLive ? waits : live ? "paused: zoom and pan; the recording goes on" : "";
    this.bar.say([lost ? "edges came too fast: some are missing" : "", words].filter(Boolean).join("; "));
  }
  hear([layout, number, now, first], buffer) {
    if (!this.setup || layout !== this.setup.layout || !this.strip) return;
    this.clock.hear(now);
    if (this.capture) {
      this.capture = null;
      if (this.isLive) this.rest();
    }
    this.strip.put(first, decodeColumns(buffer, this.setup.lanes));
    this.newest = number;
    this.heardAt = performance.now();
    this.heardFresh = now;
  }
  still(message, buffer) {
    if (message.layout !== this.setup?.layout) return;
    const isFirst = !this.capture, { count, lanes } = decodeColumns(buffer, this.setup.lanes);
    this.capture = { ...message, count, lanes };
    this.newest = message.number;
    this.heardAt = performance.now();
    if (!this.isLive) return;
    if (isFirst) this.rest();
    this.words();
  }
  frame(time) {
    if (this.isOver) return;
    this.timer = requestAnimationFrame((next) => this.frame(next));
    if (!this.isSeen || !this.figure || !this.setup) return;
    const isFresh = this.newest !== this.painted;
    if (this.isLive && this.setup.live && (this.capture || this.clock.isKnown)) {
      const isSilent = time - this.heardAt > SILENT_MS;
      if (isFresh || (!this.capture && (!isSilent || time - this.drawnAt > SILENT_FRAME_MS))) {
        this.drawnAt = time;
        if (this.capture) this.drawCapture();
        else this.drawLive();
        this.pictures++;
        this.el.dataset.pictures = this.pictures;
      }
      if (time - this.measuredAt > MEASURE_MS) this.measure();
    }
    // Told seldom: it only has to come before the credit is used up.
    if (isFresh && (time - this.paintedAt > ACK_MS || this.capture)) {
      this.paintedAt = time;
      this.painted = this.newest;
      this.send({ type: "painted", number: this.newest });
    }
  }
  drawLive() {
    const { column, window: span, trigger } = this.setup, { strip, traces } = this;
    const now = this.clock.now(), first = Math.max(strip.first, Math.floor((now - span) / column));
    this.cursors.stay();
    this.painter.paint(
      strip.lanes, first, strip.end, traces.width * (1 - (now - first * column) / span), (traces.width * column) / span, traces.width, trigger,
    );
  }
  drawCapture() {
    const { count, lanes } = this.capture;
    this.painter.paint(lanes, 0, count, 0, this.traces.width / count, 0, this.setup.trigger);
    this.traces.upright(this.setup.trigger.pre * this.traces.width, this.colours.strong);
  }
  // ---- what was

  get sight() {
    if (this.isLive && this.setup?.live) {
      const { window: span, trigger } = this.setup;
      if (this.capture) return [this.capture.begin, this.capture.begin + span];
      const now = this.clock.isKnown ? this.clock.now() : this.setup.end;
      return [now - span, now];
    }
    const [start, end] = this.figure.range;
    return [start, end].map((x) => this.axis.ns(x));
  }
  look(begin, end) {
    this.el.dataset.mode = "past";
    this.bar.mode(false);
    this.anchor(begin, end);
    this.past.want(begin, end, this.traces.width || 1000);
  }
  anchor(begin, end) {
    this.axis = Axis.near(begin, end, this.setup);
    this.figure.axis = this.axis.words;
    this.figure.range = [begin, end].map((time) => this.axis.x(time));
    this.cursors.draw();
    this.words();
  }
  // A person zoomed or panned: of a live picture too, which so becomes one of the past.
  moved() {
    if (this.isLive) {
      const [begin, end] = this.sight, [start, stop] = this.figure.range;
      this.axis = new Axis(this.axis.unit, this.capture ? this.capture.at : end, this.setup);
      this.isLive = false;
      this.send({ type: "follow", live: false });
      this.el.dataset.mode = "past";
      this.bar.mode(false);
      if (!(stop > start)) this.figure.range = [begin, end].map((time) => this.axis.x(time));
    }
    this.cursors.draw();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.look(...bounded(...this.sight)), 60);
  }
  zoom(by) {
    const [begin, end] = this.sight, middle = this.isLive ? end : (begin + end) / 2, half = ((end - begin) * by) / 2;
    if (this.isLive) this.follow(false);
    this.look(...bounded(middle - half * (middle === end ? 2 : 1), middle + half * (middle === end ? 0 : 1)));
  }
  pan(part) {
    const [begin, end] = this.sight, by = part * (end - begin);
    if (this.isLive) this.follow(false);
    this.look(begin + by, end + by);
  }
  whole() {
    if (this.isLive) this.follow(false);
    this.look(this.setup.begin, this.setup.live ? this.clock.now() : this.setup.end);
  }
  arrived(message, buffers) {
    if (!this.past.arrived(message) || message.layout !== this.setup.layout || this.isLive || !this.figure) return;
    const decoded = message.columns ? null : buffers.map((buffer) => new Float64Array(buffer));
    this.setup.lanes.forEach((lane, index) => {
      if (!this.layout.lanes[index].fits || !decoded) return;
      const values = decoded[2 * index + 1].filter((value) => !Number.isNaN(value));
      if (values.length && this.layout.fit(index, Math.min(...values), Math.max(...values))) this.figure.label();
    });
    const lines = linesOf(message, buffers, this.setup.lanes, this.layout, this.axis);
    lines.forEach((data, index) => this.figure.set(index, data));
    if (this.setup.marks.length) this.figure.mark(this.setup.marks.map(([at, text]) => [this.axis.x(at), text]));
    this.figure.show(true);
    this.traces.show(false);
    this.el.dataset.shown = `${message.begin} ${message.end} ${message.columns ?? "points"}`;
    this.measure(true);
  }
  // ---- the rest

  measure(isAsked = false) {
    const now = performance.now();
    if (!isAsked && now - this.measuredAt < MEASURE_MS) return;
    this.measuredAt = now;
    const [begin, end] = this.cursors.span ?? this.sight;
    if (end - begin >= 1) this.send({ type: "measure", begin: Math.floor(begin), end: Math.ceil(end) });
  }
  measured({ lanes, layout }) {
    if (layout !== this.setup.layout) return;
    this.table.show(lanes);
    if (this.cursors.isOn) this.cursors.tell(lanes.map((each, index) => ({ name: this.setup.lanes[index].name, ...each })));
  }
  get title() { return this.setup.title || "scope"; }
  png() { savePicture(this.figure, this.traces, this.colours.ground, `${this.title}.png`).catch((error) => this.bar.say(`No picture: ${error.message}`)); }
  key(event) {
    if (event.target !== this.place || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      " ": () => this.follow(!this.isLive), ArrowLeft: () => this.pan(-0.2), ArrowRight: () => this.pan(0.2), "+": () => this.zoom(0.5),
      "=": () => this.zoom(0.5), "-": () => this.zoom(2), Home: () => this.follow(true), c: () => this.bar.cursors.click(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }
}

const bounded = (begin, end) => (end - begin >= LEAST_NS ? [begin, end] : [(begin + end - LEAST_NS) / 2, (begin + end + LEAST_NS) / 2]);
