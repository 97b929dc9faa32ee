// Columns as the kernel encodes them (labkit/scope/encoding.py), and the strip of them that a live picture is drawn from.
const FULL = 250, UNKNOWN = 255;

export function decodeColumns(buffer, lanes) {
  const analog = lanes.filter((lane) => !lane.digital).length;
  const count = buffer.byteLength / (8 * analog + 3 * (lanes.length - analog));
  let at = 0;
  const decoded = new Map();
  for (const lane of lanes) {
    if (lane.digital) continue;
    decoded.set(lane, { low: new Float32Array(buffer, at, count), high: new Float32Array(buffer, at + 4 * count, count), edges: null });
    at += 8 * count;
  }
  const levels = (start) => Float32Array.from(new Uint8Array(buffer, start, count), (byte) => (byte === UNKNOWN ? NaN : byte / FULL));
  for (const lane of lanes) {
    if (!lane.digital) continue;
    decoded.set(lane, { low: levels(at), high: levels(at + count), edges: new Uint8Array(buffer, at + 2 * count, count) });
    at += 3 * count;
  }
  return { count, lanes: lanes.map((lane) => decoded.get(lane)) };
}

// The newest columns of all lanes, by their absolute number: a ring, in which nothing is ever moved.
export class Strip {
  constructor(lanes, size) {
    this.size = size;
    this.first = this.end = 0;
    this.lanes = lanes.map(() => ({ low: new Float32Array(size).fill(NaN), high: new Float32Array(size).fill(NaN) }));
  }
  put(first, { count, lanes }) {
    if (this.end === this.first || first > this.end + this.size || first + count < this.end - this.size) this.first = this.end = first;
    for (let column = this.end; column < first; column++) this.write(column, null, 0);
    for (let i = 0; i < count; i++) this.write(first + i, lanes, i);
    this.end = Math.max(this.end, first + count);
    this.first = Math.max(this.first, this.end - this.size);
  }
  write(column, lanes, i) {
    const place = column % this.size;
    for (let lane = 0; lane < this.lanes.length; lane++) {
      this.lanes[lane].low[place] = lanes ? lanes[lane].low[i] : NaN;
      this.lanes[lane].high[place] = lanes ? lanes[lane].high[i] : NaN;
    }
  }
}
