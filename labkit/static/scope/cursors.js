// Two cursors over the figure, by mouse or by keyboard, and what lies between them.
import { hertz, percent, seconds } from "./format.js";

export class Cursors {
  // `toTime` and `fromTime` know which instant lies at which part of the frame's width, 0 to 1; `told` says it in words.
  constructor(place, { toTime, fromTime, moved, told }) {
    Object.assign(this, { toTime, fromTime, moved, told, isOn: false, times: [0, 0] });
    this.handles = ["A", "B"].map((name, index) => {
      const handle = document.createElement("div");
      handle.className = "labkit-cursor";
      handle.tabIndex = 0;
      handle.dataset.name = name;
      handle.setAttribute("role", "slider");
      handle.setAttribute("aria-label", `cursor ${name}`);
      handle.addEventListener("pointerdown", (event) => this.grab(event, index));
      handle.addEventListener("keydown", (event) => this.key(event, index));
      place.append(handle);
      return handle;
    });
    this.words = document.createElement("output");
    this.words.className = "labkit-cursor-words";
    this.show(false);
  }
  show(isOn) {
    this.isOn = isOn;
    for (const handle of this.handles) handle.hidden = !isOn;
    this.words.hidden = !isOn;
    if (isOn) this.place(0.25, 0.75);
  }
  place(...parts) {
    this.times = parts.map((part) => this.toTime(part));
    this.draw();
    this.moved();
  }
  set frame({ left, top, width, height }) {
    this.box = { left, top, width, height };
    this.draw();
  }
  // In a picture that moves they stay where they are, and their times move.
  stay() { if (this.isOn && this.parts) this.times = this.parts.map((part) => this.toTime(part)); }
  get span() { return this.isOn ? [Math.min(...this.times), Math.max(...this.times)] : null; }

  draw() {
    if (!this.isOn || !this.box) return;
    this.parts = this.times.map((time) => this.fromTime(time));
    this.handles.forEach((handle, index) => {
      const part = this.parts[index], { left, top, width, height } = this.box;
      handle.hidden = !(part >= 0 && part <= 1);
      Object.assign(handle.style, { left: `${left + part * width}px`, top: `${top}px`, height: `${height}px` });
      handle.setAttribute("aria-valuetext", this.told(this.times[index]));
      handle.setAttribute("aria-valuenow", String(this.times[index] / 1e9));
    });
  }
  // What the table says of what lies between: the duty cycle of each lane that has one.
  tell(measured) {
    const [begin, end] = this.span, gap = (end - begin) / 1e9;
    const duties = measured.filter(({ duty }) => duty !== undefined).map(({ name, duty }) => `${name} ${percent(duty)}`);
    this.words.textContent = [
      `A ${this.told(this.times[0])}`, `B ${this.told(this.times[1])}`, `Δt ${seconds(gap)}`, gap ? `1/Δt ${hertz(1 / gap)}` : "",
      duties.length ? `high: ${duties.join(", ")}` : "",
    ].filter(Boolean).join("   ");
  }
  grab(event, index) {
    if (event.button !== 0) return;
    event.preventDefault();
    const handle = this.handles[index];
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const corner = handle.parentElement.getBoundingClientRect();
    const move = (at) => this.move(index, (at.clientX - corner.left - this.box.left) / this.box.width);
    const end = () => { handle.removeEventListener("pointermove", move); handle.removeEventListener("pointerup", end); };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
  }
  key(event, index) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(index, this.parts[index] + (step * (event.shiftKey ? 10 : 1)) / this.box.width);
  }
  move(index, part) {
    this.times[index] = this.toTime(Math.min(1, Math.max(0, part)));
    this.draw();
    this.moved();
  }
}
