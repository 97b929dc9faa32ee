// The buttons above a figure.
import { make } from "./table.js";
import { parseSeconds, seconds } from "./format.js";

const WINDOWS = [60, 30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.01, 0.001];

export class Bar {
  // Notes stand on the figure, beside Bokeh's tools: there they move nothing.
  constructor(el, place, acts) {
    this.element = make("div", { className: "labkit-bar", role: "toolbar" });
    this.element.setAttribute("aria-label", "scope");
    this.acts = acts;
    this.live = this.button("Pause", "stop the picture; the scope goes on (space)", () => acts.toggle());
    this.window = make("input", { type: "text", size: 6, title: "seconds from edge to edge: 10 s, 20 ms" });
    this.window.setAttribute("list", this.windows().id);
    this.windowLabel = make("label", { textContent: "window " });
    this.windowLabel.append(this.window);
    this.element.append(this.windowLabel);
    this.window.addEventListener("change", () => this.changeWindow());
    // With a list of suggestions, the enter key is no change to the browser.
    this.window.addEventListener("keydown", (event) => { if (event.key === "Enter") this.changeWindow(); });
    this.closer = this.button("+", "zoom in (+)", () => acts.zoom(0.5));
    this.wider = this.button("−", "zoom out (−)", () => acts.zoom(2));
    this.whole = this.button("All", "everything that is kept", () => acts.whole());
    this.trigger = this.button("Trigger", "let the picture stand still at an event", () => this.toggle(this.trigger, acts.showTrigger));
    this.cursors = this.button("Cursors", "measure between two cursors (c)", () => this.toggle(this.cursors, acts.showCursors));
    this.add = make("select", { title: "show another device" });
    this.add.setAttribute("aria-label", "add a channel");
    this.add.addEventListener("change", () => { if (this.add.value) acts.add(this.add.value); this.add.value = ""; });
    this.element.append(this.add);
    this.button("PNG", "save the picture", () => acts.png());
    this.button("CSV", "save every edge and sample that is in sight", () => acts.csv());
    this.note = make("output", { className: "labkit-note" });
    place.append(this.note);
    el.append(this.element);
  }
  button(text, title, act) {
    const made = make("button", { type: "button", className: "labkit-button", textContent: text, title });
    made.addEventListener("click", act);
    this.element.append(made);
    return made;
  }
  toggle(button, act, isOn = button.getAttribute("aria-pressed") !== "true") {
    button.setAttribute("aria-pressed", String(isOn));
    act(isOn);
  }
  windows() {
    const list = make("datalist", { id: `labkit-windows-${Math.random().toString(36).slice(2)}` });
    list.append(...WINDOWS.map((each) => make("option", { value: seconds(each) })));
    this.element.append(list);
    return list;
  }
  changeWindow() {
    const wanted = parseSeconds(this.window.value);
    if (wanted && seconds(wanted) === this.shown) return;
    if (wanted) this.acts.span(wanted);
    else this.say("Write a window as 10 s, 20 ms or 5 µs.");
  }
  setup({ live, window, addable = [] }) {
    for (const each of [this.live, this.windowLabel, this.trigger]) each.hidden = !live;
    this.add.hidden = !live || !addable.length;
    this.shown = live ? seconds(window / 1e9) : "";
    if (document.activeElement !== this.window) this.window.value = this.shown;
    this.add.replaceChildren(make("option", { value: "", textContent: "+ channel" }), ...addable.map((name) => make("option", { value: name, textContent: name })));
  }
  mode(isLive) {
    this.live.textContent = isLive ? "Pause" : "Live";
    this.live.setAttribute("aria-pressed", String(!isLive));
  }
  say(words) { if (this.note.textContent !== words) this.note.textContent = this.note.title = words; }
}
