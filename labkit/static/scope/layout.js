// Where each lane lies: one scale from top to bottom, and each lane's own values fitted into its part of it.
const DIGITAL = 44, ANALOG = 112, PAD = 8, WORDS = 18;

export class Layout {
  constructor(lanes, hasMarks = false) {
    let top = Math.max(DIGITAL, lanes.reduce((sum, lane) => sum + (lane.digital ? DIGITAL : ANALOG), 0));
    this.height = top + (hasMarks ? WORDS : 0);
    this.lanes = lanes.map((lane) => {
      const size = lane.digital ? DIGITAL : ANALOG;
      top -= size;
      const [low, high] = lane.digital ? [0, 1] : lane.span ?? [0, 1];
      return { bottom: top + PAD, size: size - 2 * PAD, edge: top, low, high, fits: !lane.digital && !lane.span };
    });
  }
  y(lane, value) {
    const { bottom, size, low, high } = this.lanes[lane];
    return bottom + (size * (value - low)) / (high - low);
  }
  // A lane whose values nobody knows beforehand takes the room that they need; whether that changed anything.
  fit(lane, lowest, highest) {
    const place = this.lanes[lane];
    if (!place.fits || !(lowest <= highest)) return false;
    const spread = highest - lowest || Math.abs(highest) || 1;
    const used = spread / (place.high - place.low);
    if (lowest >= place.low && highest <= place.high && used > 0.4) return false;
    const step = 10 ** Math.floor(Math.log10(spread)) / 2;
    const [low, high] = [Math.floor((lowest - 0.05 * spread) / step) * step, Math.ceil((highest + 0.05 * spread) / step) * step];
    if (low === place.low && high === place.high) return false;
    [place.low, place.high] = [low, high];
    return true;
  }
}
