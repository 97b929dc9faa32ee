// What labkit adds to JupyterLab: its views' outputs say what has become of them. A view that can't come, because its
// kernel is gone, busy or not there yet, shows the still picture that the notebook's file has; one whose kernel was
// restarted or is out of reach is greyed out. Outputs of others are left alone.
//
// Nothing of JupyterLab's is imported: this takes what `activate` is given.
import { connect } from "./link.js";
import { stopInPage } from "./stop.js";

const LIVE = "application/vnd.jupyter.widget-view+json";
const OURS = "application/vnd.labkit.view+json";
const BEFORE_LIVE = -20; // ipywidgets' own renderer has -10
const SOON_MS = 1500;
const ENDED = ["restarting", "autorestarting", "terminating", "dead"];

const STYLE = `
.labkit-still { margin: 4px 0; padding: 2px 10px; border-left: 3px solid var(--jp-border-color1); color: var(--jp-ui-font-color1); font-family: var(--jp-ui-font-family); }
.labkit-still .labkit-still-note { display: none; }
.labkit-still > .jp-RenderedHTMLCommon { opacity: 0.75; padding: 0; }
.labkit-still table { margin-left: 0; }
.labkit-out-of-date .jupyter-widgets-disconnected::before { display: none; }
.labkit-word { margin: 2px 0; padding: 2px 8px; width: fit-content; font: var(--jp-ui-font-size1) var(--jp-ui-font-family);
  color: var(--jp-ui-font-color1); background: var(--jp-warn-color3, #ffe0b2); border-radius: 3px; }
[data-jp-theme-light="false"] .labkit-word { color: #111; background: #d9a441; }
.labkit-out-of-date > :not(.labkit-word) { opacity: 0.45; filter: grayscale(1); }
.labkit-over > :not(.labkit-word) { pointer-events: none; }`;

const word = (said) => {
  const made = document.createElement("div");
  made.className = "labkit-word";
  made.setAttribute("role", "status");
  made.textContent = said;
  return made;
};

// One notebook's kernel, as its outputs need to know it.
class Life {
  constructor(session) {
    this.session = session;
    this.kernels = 0; // that this page has seen end
    this.born = new WeakMap(); // of outputs, each with the count at its first sight
    this.views = new Set();
    this.ended = "";
    this.onStatus = (_, status) => {
      if (ENDED.includes(status)) this.end(status.includes("restart") ? "The kernel was restarted" : "The kernel ended");
      this.look();
    };
    this.onKernel = (_, { oldValue, newValue }) => {
      // A restart keeps the id, and has told of itself before.
      if (oldValue && oldValue.id !== newValue?.id) this.end(newValue ? "The kernel was changed" : "The kernel ended");
      this.look();
    };
    this.onConnection = () => this.look();
    session.statusChanged.connect(this.onStatus);
    session.kernelChanged.connect(this.onKernel);
    session.connectionStatusChanged.connect(this.onConnection);
  }
  get kernel() { return this.session.session?.kernel ?? null; }
  get isReachable() { return this.kernel?.connectionStatus === "connected"; }
  end(said) {
    this.kernels++;
    this.ended = said;
  }
  look() {
    if (this.isReachable) this.lastReached = null;
    else this.lastReached ??= new Date().toLocaleTimeString();
    for (const view of this.views) view.look();
  }
  // A page that was loaded again while a cell runs has no view yet to bring its STOP button along.
  offerStop() {
    const { kernel } = this;
    if (!kernel || this.asked === kernel.id) return;
    this.settle();
    this.asked = kernel.id;
    const nobody = { get: () => kernel.id, on() {}, off() {}, send() { throw new Error("no comm"); } };
    this.link = connect(nobody);
    this.link.onUp((way) => { if (way === "socket") stopInPage(nobody); });
  }
  settle() {
    this.link?.close();
    this.link = this.asked = null;
  }
  isOver(model) {
    if (!this.born.has(model)) this.born.set(model, this.kernels);
    return this.born.get(model) < this.kernels;
  }
  dispose() {
    this.settle();
    this.session.statusChanged.disconnect(this.onStatus);
    this.session.kernelChanged.disconnect(this.onKernel);
    this.session.connectionStatusChanged.disconnect(this.onConnection);
  }
}

// The renderer of a widget's view, which says so when there is none to show or when it is out of date.
class Shown {
  constructor(panel, life, rendermime) {
    this.panel = panel;
    this.life = life;
    this.rendermime = rendermime;
    this.isSettled = false;
    const render = panel.renderModel.bind(panel);
    panel.renderModel = async (model) => {
      this.model = model;
      this.isSettled = this.isLate = this.isClosed = false;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => { this.isLate = true; this.look(); }, SOON_MS);
      const coming = render(model);
      await this.standIn();
      this.look();
      await coming;
      this.isSettled = true;
      if (!this.isLive && this.gaveUp) await this.tryAgain(() => render(model));
      life.settle();
      this.look();
    };
    life.views.add(this);
    // The kernel closes what is over: with its bench, or once its cell has run again, in whichever page that was.
    const removed = panel.onChildRemoved.bind(panel);
    panel.onChildRemoved = (message) => {
      removed(message);
      this.isClosed = !panel.isDisposed && !this.isLive;
      if (!this.isClosed) return;
      panel.show(); // which ipywidgets has hidden
      this.look();
    };
    panel.disposed.connect(() => {
      clearTimeout(this.timer);
      life.views.delete(this);
    });
  }
  get isLive() { return this.panel.widgets.length > 0; }
  // ipywidgets' own mark, on what it will not try again.
  get gaveUp() { return this.panel.hasClass("jupyter-widgets"); }

  // ipywidgets looks for a model every 100 ms for two seconds, and not once more at their end: one that came in the
  // last of them is there and was given up.
  async tryAgain(render) {
    const coming = render();
    this.look();
    await coming;
    if (this.isLive) this.panel.removeClass("jupyter-widgets");
  }

  // The still picture of the file, without scripts: whoever has it may not have made it.
  async standIn() {
    const html = this.model.data["text/html"], renderer = this.rendermime.createRenderer("text/html");
    await renderer.renderModel(this.rendermime.createModel({ data: { "text/html": html ?? "" }, trusted: false }));
    this.still = document.createElement("div");
    this.still.className = "labkit-still";
    this.still.append(renderer.node);
  }
  look() {
    if (!this.still) return;
    const node = this.panel.node;
    for (const old of node.querySelectorAll(":scope > .labkit-word")) old.remove();
    node.classList.toggle("labkit-out-of-date", this.isLive && Boolean(this.outOfDate));
    // Out of reach is not over: what is clicked meanwhile is the views' own to refuse or to keep.
    const isOver = this.isLive && this.life.isOver(this.model);
    node.classList.toggle("labkit-over", isOver);
    for (const part of node.children) part.inert = isOver;
    if (!this.isLive) {
      this.still.querySelector(":scope > .labkit-word")?.remove();
      this.still.prepend(word(this.missing));
      node.replaceChildren(this.still);
    } else if (this.outOfDate) node.prepend(word(this.outOfDate));
  }
  get outOfDate() {
    if (this.life.isOver(this.model)) return `${this.life.ended}: run this cell again.`;
    return this.life.isReachable ? "" : `The kernel is out of reach: this is how it was at ${this.life.lastReached}.`;
  }
  get missing() {
    const { kernel } = this.life;
    if (this.life.isOver(this.model)) return `${this.life.ended}: run this cell again.`;
    if (!kernel || ENDED.includes(kernel.status)) return "This view's kernel is gone: run this cell again.";
    if (this.isClosed) return "This view was closed: run its cell again for a new one.";
    if (this.isSettled && this.gaveUp) return "This view's kernel is gone, or closed it: run this cell again.";
    if (!this.isLate || kernel.status === "starting") return "Loading …";
    this.life.offerStop();
    return "The kernel is busy: this view comes back when its cell ends.";
  }
}

function attach(panel, context) {
  const { rendermime } = panel.content, life = new Life(context.sessionContext);
  const createRenderer = (options) => {
    const live = rendermime.getFactory(LIVE);
    // Without ipywidgets' own extension there is nothing live.
    if (!live) return rendermime.createRenderer("text/html");
    const made = live.createRenderer({ ...options, mimeType: LIVE });
    new Shown(made, life, rendermime);
    return made;
  };
  rendermime.addFactory({ safe: false, mimeTypes: [OURS], createRenderer }, BEFORE_LIVE);
  return life;
}

export default {
  id: "gpio-labkit:views",
  autoStart: true,
  activate(app) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew(panel, context) {
        const life = attach(panel, context);
        let isDisposed = false;
        return { get isDisposed() { return isDisposed; }, dispose() { isDisposed = true; life.dispose(); } };
      },
    });
  },
};
