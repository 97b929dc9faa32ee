// Paints columns of all lanes onto the canvas, each lane in its place, colour and scale.
export class Painter {
  constructor(traces) { this.traces = traces; }
  setup(lanes, columnNs, layout, figure) { Object.assign(this, { lanes, columnNs, layout, figure }); }

  // Columns `first` to `end` of rings of columns, the first at x, each `step` pixels wide; where no lane ends before, levels
  // hold until `until`.
  paint(columns, first, end, x, step, until, trigger) {
    const { traces, layout } = this;
    traces.clear();
    this.fit(columns, first, end);
    this.lanes.forEach((lane, index) => {
      const gap = lane.digital ? null : Math.max(3, lane.rate ? (3e9 / lane.rate) / this.columnNs : 3);
      traces.draw(index, layout, lane.colour, columns[index], first, end, x, step, lane.ended === undefined ? until : x, gap);
    });
    this.markLevel(trigger);
  }
  // Lanes that nobody gave a scale take the one that fits.
  fit(columns, first, end) {
    let changed = false;
    this.lanes.forEach((lane, index) => {
      if (!this.layout.lanes[index].fits) return;
      const { low, high } = columns[index], size = low.length;
      let [lowest, highest] = [Infinity, -Infinity];
      for (let column = first; column < end; column++) {
        const place = column % size;
        if (low[place] < lowest) lowest = low[place];
        if (high[place] > highest) highest = high[place];
      }
      changed = this.layout.fit(index, lowest, highest) || changed;
    });
    if (changed) this.figure.label();
  }
  markLevel(trigger) {
    const index = this.lanes.findIndex(({ name }) => name === trigger?.channel);
    if (index < 0 || this.lanes[index].digital) return;
    const { traces, layout } = this;
    traces.line(traces.height - (traces.height / layout.height) * layout.y(index, trigger.level), this.lanes[index].colour);
  }
}
