// The kernel's lab time in the page, from what pictures say of it: the quickest one tells best how far the clocks are apart.
const KEPT_MS = 3000;
// No picture for that long, and the time beyond it is not known: the kernel says now and then that nothing happened.
const TRUST_NS = 350e6;
const JUMP_NS = 500e6;

export class LabClock {
  constructor() { this.restart(); }
  restart() {
    this.heard = [];
    this.newest = null;
  }
  hear(now) {
    const at = performance.now(), offset = now - at * 1e6;
    if (this.heard.length && Math.abs(offset - this.offset) > JUMP_NS) this.heard = [];
    this.heard.push([at, offset]);
    while (this.heard[0][0] < at - KEPT_MS) this.heard.shift();
    this.newest = now;
  }
  get offset() { return this.heard.reduce((most, [, offset]) => Math.max(most, offset), -Infinity); }
  get isKnown() { return this.newest !== null; }
  get isStale() { return this.isKnown && performance.now() * 1e6 + this.offset > this.newest + TRUST_NS; }
  now() { return Math.min(performance.now() * 1e6 + this.offset, this.newest + TRUST_NS); }
}
