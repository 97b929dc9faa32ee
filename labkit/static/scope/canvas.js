// The live traces, on a canvas laid into the figure's frame: sixty pictures a second, which a plotting library is not made for.
const LINE = 1.5;
// How much of its colour a lane has below a high level, and a trace where samples are missing.
export const FILL = 0.14, GAP = 0.5;
// Columns that lie no further apart than a line is wide are painted as areas: without a graphics card, outlines of a
// thousand short lines take five times as long.
const DENSE = LINE, STEEP = 2 * LINE;

export class Traces {
  constructor(place) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "labkit-traces";
    this.canvas.setAttribute("aria-hidden", "true");
    place.append(this.canvas);
    this.context = this.canvas.getContext("2d");
  }
  // Where the figure has its frame; in CSS pixels.
  move({ left, top, width, height }) {
    const ratio = window.devicePixelRatio || 1;
    const wanted = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wanted[0] || this.canvas.height !== wanted[1]) [this.canvas.width, this.canvas.height] = wanted;
    Object.assign(this.canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    Object.assign(this, { width, height, ratio });
  }
  show(shown) { this.canvas.hidden = !shown; }

  clear() {
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    this.context.lineJoin = "round";
  }
  // Columns number `first` to `end` of a ring, the first of them at x, each so many pixels wide; levels hold until `until`.
  draw(lane, layout, colour, columns, first, end, x, step, until, gap) {
    const scale = this.height / layout.height, place = layout.lanes[lane];
    const y = (value) => this.height - scale * (place.bottom + (place.size * (value - place.low)) / (place.high - place.low));
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(0, this.height - scale * (place.edge + place.size + 14), this.width, scale * (place.size + 14));
    context.clip();
    context.strokeStyle = colour;
    context.lineWidth = LINE;
    context.beginPath();
    context.fillStyle = colour;
    if (gap === null) {
      this.fill(columns, first, end, x, step, until, y);
      context.beginPath();
      this.levels(columns, first, end, x, step, until, y);
      context.stroke();
    } else {
      const { gaps, runs } = this.values(columns, first, end, x, step, y, gap);
      context.stroke();
      for (const run of runs) this.area(run);
      this.bridge(gaps);
    }
    context.restore();
  }
  // Below what is high, in runs of one height.
  fill({ high }, first, end, x, step, until, y) {
    const { context } = this, size = high.length, ground = y(0);
    context.globalAlpha = FILL;
    let [level, since] = [0, x];
    const put = (to) => { if (level > 0) context.fillRect(since, y(level), to - since, ground - y(level)); };
    for (let column = first; column < end; column++, x += step) {
      const next = high[column % size] || 0;
      if (next === level) continue;
      put(x);
      [level, since] = [next, x];
    }
    put(Math.max(x, until));
    context.globalAlpha = 1;
  }
  bridge(gaps) {
    const { context } = this;
    context.globalAlpha = GAP;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    context.beginPath();
    for (const [x, y, toX, toY] of gaps) {
      context.moveTo(x, y);
      context.lineTo(toX, toY);
    }
    context.stroke();
  }
  levels({ low, high }, first, end, x, step, until, y) {
    const { context } = this, size = low.length;
    let level = NaN;
    for (let column = first; column < end; column++, x += step) {
      const place = column % size, bottom = low[place], top = high[place];
      if (bottom === level && top === level) continue;
      if (bottom < top && step <= DENSE) {
        // Edges in every column, between the same levels: one block, up to the last of them but one.
        const begun = column;
        while (column + 2 < end && low[(column + 2) % size] === bottom && high[(column + 2) % size] === top
          && low[(column + 1) % size] === bottom && high[(column + 1) % size] === top) column++;
        if (column > begun) {
          const width = (column - begun) * step;
          if (!Number.isNaN(level)) context.lineTo(x, y(level));
          context.fillRect(x - LINE / 2, y(top) - LINE / 2, width + LINE, y(bottom) - y(top) + LINE);
          x += width;
          context.moveTo(x, y(top));
          level = top;
          continue;
        }
      }
      if (Number.isNaN(bottom)) {
        if (!Number.isNaN(level)) context.lineTo(x, y(level));
        level = NaN;
        continue;
      }
      if (Number.isNaN(level)) context.moveTo(x, y(bottom));
      else context.lineTo(x, y(level));
      if (bottom !== top) {
        context.lineTo(x, y(bottom));
        context.lineTo(x, y(top));
        // What it leaves is what the next column begins with.
        const next = column + 1 < end ? low[(column + 1) % size] : NaN;
        const stays = high[(column + 1) % size] === next;
        level = Number.isNaN(next) ? top : stays ? next : top;
      } else level = bottom;
      context.lineTo(x, y(level));
    }
    if (!Number.isNaN(level)) context.lineTo(Math.max(x, until), y(level));
  }
  // Samples. What lies further apart than `gap` columns is not joined, and returned as `gaps`: `[x, y, x, y]`. Where columns lie
  // side by side, and dense, steep ones are painted, and the others returned as `runs`: `[x, lowest, highest]` of each.
  values({ low, high }, first, end, x, step, y, gap) {
    const { context } = this, size = low.length, gaps = [], runs = [];
    let [last, lastX, below, above, run] = [-Infinity, 0, 0, 0, null];
    for (let column = first; column < end; column++, x += step) {
      const place = column % size;
      if (Number.isNaN(low[place])) continue;
      const bottom = y(low[place]), top = y(high[place]);
      if (column - last === 1 && step <= DENSE) {
        // As far as the column before, so that a jump is joined.
        [below, above] = [Math.max(bottom, above), Math.min(top, below)];
        if (below - above > STEEP) {
          context.fillRect(x - LINE / 2, above - LINE / 2, LINE, below - above + LINE);
          run = null;
        } else {
          if (!run) runs.push((run = [[x - step, below, above]]));
          run.push([x, below, above]);
        }
        context.moveTo(x, top);
      } else {
        run = null;
        if (column - last > gap) {
          if (last > -Infinity) gaps.push([lastX, above, x, bottom]);
          context.moveTo(x, bottom);
        } else context.lineTo(x, bottom);
        if (top !== bottom) context.lineTo(x, top);
        [below, above] = [bottom, top];
      }
      [last, lastX] = [column, x];
    }
    return { gaps, runs };
  }
  // From the lowest to the highest of column after column, and no thinner than a line.
  area(run) {
    const { context } = this, [x, below, above] = run.at(-1);
    run.push([x + LINE / 4, below, above]);
    context.beginPath();
    for (const [x, , above] of run) context.lineTo(x, above - LINE / 2);
    for (let place = run.length; place--; ) context.lineTo(run[place][0], run[place][1] + LINE / 2);
    context.fill();
  }
  // Across the whole picture.
  line(y, colour) { this.dashed(0, y, this.width, y, colour); }
  upright(x, colour) { this.dashed(x, 0, x, this.height, colour); }
  dashed(x, y, toX, toY, colour) {
    const { context } = this;
    context.save();
    context.strokeStyle = colour;
    context.globalAlpha = 0.7;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(toX, toY);
    context.stroke();
    context.restore();
  }
}
