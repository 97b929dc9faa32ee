// The STOP button and its Resume: as a bar in an output, and at the top of JupyterLab's page, where it stays in sight.
// Both go over the link, so that they work while a cell runs.
//
//   stopBar(link, place);  // the buttons and the words, at the end of `place`
//   stopInPage(model);     // once for each page and kernel, however often it is asked for; it goes with the kernel
import { connect } from "./link.js";

const RED = "color:#fff;background:#b3261e;border:2px solid #7f1d1d";
const PLAIN = "color:var(--jp-ui-font-color1,#111);background:var(--jp-layout-color2,#eee);border:1px solid var(--jp-border-color1,#666)";
const FOCUS = `.labkit-stop-bar button:focus-visible { outline: 3px solid var(--jp-brand-color1, #2563eb); outline-offset: 1px; }
.labkit-stop-bar[data-stopped="true"] .labkit-stop { box-shadow: inset 0 0 0 2px #fff; }`;
const ANSWER_MS = 1000;

const make = (name, kind, parent) => {
  const made = document.createElement(name);
  made.className = kind;
  parent.append(made);
  return made;
};

// Red and in one place whatever the state, at the outer end: who has to stop something must not look for it.
export function stopBar(link, place, { small = false, heard = () => {} } = {}) {
  const bar = make("div", "labkit-stop-bar", place);
  bar.style.cssText = `display:flex;align-items:center;gap:${small ? 6 : 10}px;font-family:var(--jp-ui-font-family);` +
    (small ? "min-width:0;flex-direction:row-reverse" : "margin:2px 0 6px");
  bar.dataset.stopped = "false";
  make("style", "", bar).textContent = FOCUS;
  const button = (name, label, colours, type) => {
    const made = make("button", `labkit-${type}`, bar);
    made.type = "button";
    made.textContent = name;
    made.title = label;
    made.setAttribute("aria-label", label);
    made.style.cssText = `font-weight:700;padding:${small ? "1px 10px" : "4px 14px"};border-radius:4px;cursor:pointer;white-space:nowrap;flex:none;${colours}`;
    made.addEventListener("click", () => {
      const wasSent = link.send("stop", { type });
      clearTimeout(waiting);
      waiting = setTimeout(() => say(wasSent ? `No answer yet: ${name} waits for the kernel.` : "No kernel hears this."), wasSent ? ANSWER_MS : 0);
    });
    return made;
  };
  const say = (said) => {
    words.textContent = said;
    words.title = small ? said : "";
  };
  let waiting = 0;
  const stop = button("STOP", "Stop: switch every output off", RED, "stop");
  const resume = button("Resume", "Resume: let outputs switch again", PLAIN, "resume");
  const words = make("span", "", bar);
  words.setAttribute("role", "status");
  words.style.cssText = "color:var(--jp-ui-font-color1,currentColor)" + (small ? ";max-width:24em;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap" : "");
  resume.hidden = true;
  link.listen("stop", (state) => {
    if (state.type !== "state") return;
    const isStopped = Boolean(state.stopped);
    bar.dataset.stopped = String(isStopped);
    stop.disabled = resume.disabled = Boolean(state.closed);
    stop.setAttribute("aria-pressed", String(isStopped));
    resume.hidden = !isStopped;
    clearTimeout(waiting);
    const stopped = isStopped ? (small ? state.stopped : `All outputs are off: ${state.stopped}.`) : "";
    say(state.closed ? "The bench is closed." : state.problem || stopped);
    heard(state);
  });
  link.onEnd(() => {
    // Until a new bench in that kernel says how it is.
    stop.disabled = resume.disabled = true;
    clearTimeout(waiting);
    say("The kernel ended.");
  });
  // By the comm nothing tells the kernel of this page before it has said something.
  link.onUp(() => link.send("stop", { type: "state" }));
  return bar;
}

// In the page's own bar at the top: in sight whatever is scrolled and whichever tab is open, and in nobody's way.
const placeInPage = () => document.querySelector("#jp-top-panel, #top-panel");
const shared = (window.__labkitStop ??= new Map());

class PageStop {
  constructor(kernel, model, place) {
    this.kernel = kernel;
    this.item = make("div", "labkit-page-stop", place);
    this.item.style.cssText = "display:flex;flex:0 1 auto;min-width:0;align-items:center;gap:6px;margin:0 12px 0 10px";
    this.item.setAttribute("role", "group");
    this.name = make("span", "", this.item);
    this.name.style.cssText = "color:var(--jp-ui-font-color2);max-width:14em;overflow:hidden;text-overflow:ellipsis;white-space:nowrap";
    this.link = connect(model);
    stopBar(this.link, this.item, { small: true, heard: (state) => this.hear(state) });
    this.link.onEnd(() => this.close());
  }
  hear({ closed, notebook }) {
    if (closed) { this.close(); return; }
    if (notebook) this.name.textContent = this.item.ariaLabel = this.name.title = notebook;
    tellApart();
  }
  close() {
    this.item.remove();
    this.link.close();
    if (shared.get(this.kernel) === this) shared.delete(this.kernel);
    tellApart();
  }
}

// Two kernels, two buttons: only then it matters whose they are.
function tellApart() {
  for (const stop of shared.values()) stop.name.hidden = shared.size < 2;
}

export function stopInPage(model) {
  const kernel = model.get("link_kernel"), place = placeInPage();
  if (place && !shared.has(kernel)) shared.set(kernel, new PageStop(kernel, model, place));
}
