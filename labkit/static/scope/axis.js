// The figure's axis of time: which unit its numbers are in, and which instant is nought. Instants are told from `zero`: the
// start of the run, or of lab time.
import { instant, unitFor } from "./format.js";

export class Axis {
  constructor(unit, ref, { live, zero }) { Object.assign(this, { unit, ref, zero, of: live ? "lab time" : "the run" }); }
  x(ns) { return (ns - this.ref) / this.unit.size; }
  ns(x) { return this.ref + x * this.unit.size; }
  at(ns) { return instant(ns - this.zero); }

  // Of a window that stands still: numbers count from an instant nearby, or, of a run, from its start where that reads as well.
  static near(begin, end, setup) {
    const span = end - begin, grain = 10 ** Math.floor(Math.log10(Math.max(span, 1))), { zero } = setup;
    const isShort = setup.live || begin < setup.begin || unitFor(span).size < 1e9;
    return new Axis(unitFor(span), isShort ? zero + Math.floor((begin - zero) / grain) * grain : zero, setup);
  }
  get words() { return `time in ${this.unit.name}, from ${this.ref === this.zero ? "the start" : this.at(this.ref)} of ${this.of}`; }
  get wordsToNow() { return `time in ${this.unit.name}; now is 0`; }
  wordsOfEvent(at) { return `time in ${this.unit.name}; the event is 0${at === null ? "" : `, at ${this.at(at)} of ${this.of}`}`; }
}
