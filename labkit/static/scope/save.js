// What a person takes away: the picture as PNG, the visible range as CSV.
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// The figure with the live traces laid into it, on the page's own ground.
export async function savePicture(figure, traces, ground, name) {
  const drawn = await figure.picture();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [drawn.width, drawn.height];
  const context = canvas.getContext("2d"), ratio = drawn.width / figure.view.el.getBoundingClientRect().width;
  context.fillStyle = ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(drawn, 0, 0);
  if (!traces.canvas.hidden) {
    const { left, top, width, height } = figure.frame;
    context.drawImage(traces.canvas, left * ratio, top * ratio, width * ratio, height * ratio);
  }
  download(await new Promise((resolve) => canvas.toBlob(resolve, "image/png")), name);
}

// A file that comes in pieces, each asked for when the one before has come.
export class Export {
  constructor(ask, told) {
    Object.assign(this, { ask, told, number: 0, parts: null });
  }
  start(begin, end, name) {
    this.name = name;
    this.parts = [];
    this.ask({ type: "export", id: ++this.number, begin: Math.floor(begin), end: Math.ceil(end) });
  }
  stop() { this.parts = null; }
  receive(message, buffers) {
    if (!this.parts || message.id !== this.number) return;
    this.parts.push(buffers[0]);
    if (!message.last) {
      this.told(`writing: ${Math.round(100 * message.done)} %`);
      return this.ask({ type: "export", id: this.number });
    }
    download(new Blob(this.parts, { type: "text/csv" }), this.name);
    this.parts = null;
    this.told("");
  }
}
