// The way between this page and a kernel. By a websocket of labkit's server extension, which is served while
// a cell runs, where there is one; by the widget's own comm until it is open, and where there is none.
//
//   const link = connect(model);                         // once in each view's render; a kernel has one socket
//   link.send("stop", { type: "stop" });                 // to the kernel's channel `stop`; buffers may follow
//   link.listen("stop", (message, buffers) => { … });    // for this view, or for all views; buffers: ArrayBuffers
//   link.onUp(() => link.send("scope", { type: "hello" }));  // called again at each new way: what was sent may be lost
//   link.onEnd(() => { … });                             // the kernel ended, or was restarted
//   link.server()                                        // where files of the extension are; a promise
//   link.close();                                        // in the clean-up that render returns
const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 8000, 15000];
const LINGER_MS = 3000; // running a cell again takes its view away and brings another
const KERNEL_ENDED = 1012;
const ALIGNED = 8;

const random = (bytes) => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const shared = (window.__labkitLink ??= { page: random(8), links: new Map(), presence: null });

const settings = () => {
  const element = document.getElementById("jupyter-config-data");
  try { return element ? JSON.parse(element.textContent) : null; } catch { return null; }
};

// Whether the server has the extension: asked once, so that a server without it is left alone.
function presence() {
  const config = settings();
  if (!config?.baseUrl) return Promise.resolve(null);
  const base = new URL(config.baseUrl, location.href);
  const query = config.token ? `?token=${encodeURIComponent(config.token)}` : "";
  return (shared.presence ??= fetch(new URL(`labkit${query}`, base), { credentials: "same-origin", redirect: "manual" })
    .then((answer) => (answer.ok ? { base, token: config.token ?? "" } : null))
    .catch(() => { shared.presence = null; return undefined; }));
}

function pack(channel, view, message, buffers) {
  const parts = buffers.map((buffer) => (ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer)));
  const head = parts.length ? [channel, view, message, parts.map((part) => part.length)] : [channel, view, message];
  let text = new TextEncoder().encode(JSON.stringify(head));
  const up = (size) => Math.ceil(size / ALIGNED) * ALIGNED;
  const length = parts.length ? up(4 + text.length) - 4 : text.length;
  const frame = new Uint8Array(4 + length + parts.reduce((sum, part) => sum + up(part.length), 0));
  new DataView(frame.buffer).setUint32(0, length, true);
  frame.fill(32, 4, 4 + length);
  frame.set(text, 4);
  let at = 4 + length;
  for (const part of parts) { frame.set(part, at); at += up(part.length); }
  return frame;
}

function unpack(frame) {
  const length = new DataView(frame).getUint32(0, true);
  const [channel, view, message, sizes = []] = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, length)));
  let at = 4 + length;
  const buffers = sizes.map((size) => {
    const buffer = frame.slice(at, at + size);
    at += Math.ceil(size / ALIGNED) * ALIGNED;
    return buffer;
  });
  return { channel, view, message, buffers };
}

// One kernel, for all views of this page.
class Link {
  constructor(kernel) {
    this.kernel = kernel;
    this.ends = new Set();
    this.models = new Map(); // of the ends, each with what listens to its comm
    this.socket = null;
    this.isUp = false;
    this.tries = 0;
    this.timer = 0;
  }
  get way() { return this.isUp ? "socket" : this.models.size ? "comm" : "lost"; }

  join(end) {
    clearTimeout(this.leaving);
    this.ends.add(end);
    if (!this.models.has(end.model)) {
      const listener = (message, buffers) => this.receiveByComm(message, buffers);
      this.models.set(end.model, listener);
      end.model.on("msg:custom", listener);
    }
    if (!this.socket) { this.tries = 0; this.open(); }
  }
  leave(end) {
    if (this.ends.size === 1) this.bye();
    this.ends.delete(end);
    if (![...this.ends].some((other) => other.model === end.model)) this.forget(end.model);
    clearTimeout(this.leaving);
    if (!this.ends.size) this.leaving = setTimeout(() => { clearTimeout(this.timer); this.socket?.close(); }, LINGER_MS);
  }
  forget(model) {
    model.off("msg:custom", this.models.get(model));
    this.models.delete(model);
  }
  // A closed socket tells the kernel that the page is gone; a comm does not.
  bye() { if (!this.isUp) this.send("link", "", { type: "bye" }, []); }

  async open() {
    clearTimeout(this.timer);
    if (!this.kernel || this.opening) return;
    this.opening = true;
    const server = await presence();
    this.opening = false;
    if (server === null || this.socket || !this.ends.size) return;
    if (server === undefined) return this.again();
    const url = new URL(`labkit/kernel/${this.kernel}?page=${shared.page}`, server.base);
    url.protocol = url.protocol.replace("http", "ws");
    if (server.token) url.searchParams.set("token", server.token);
    const socket = (this.socket = new WebSocket(url));
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.receive(unpack(event.data));
    socket.onclose = ({ code }) => {
      this.socket = null;
      if (code === KERNEL_ENDED) for (const end of [...this.ends]) end.end();
      const wasUp = this.isUp;
      this.isUp = false;
      if (wasUp) { this.tries = 0; this.up(); }
      this.again();
    };
  }
  again() {
    if (!this.ends.size) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), BACKOFF_MS[Math.min(this.tries++, BACKOFF_MS.length - 1)]);
  }
  up() { for (const end of [...this.ends]) end.up(this.way); }

  receive({ channel, view, message, buffers }) {
    if (channel === "link" && message.type === "welcome") {
      this.isUp = true;
      this.tries = 0;
      return this.up();
    }
    for (const end of [...this.ends]) if (!view || end.view === view) end.receive(channel, message, buffers);
  }
  receiveByComm(message, buffers) {
    if (!Array.isArray(message.link) || message.link[0] !== shared.page) return;
    const [, channel, view, said] = message.link;
    const copies = (buffers ?? []).map((part) => part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength));
    this.receive({ channel, view, message: said, buffers: copies });
  }
  send(channel, view, message, buffers) {
    if (this.isUp && this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(pack(channel, view, message, buffers));
      return true;
    }
    // The newest model first: older ones may be of a kernel that was restarted.
    for (const model of [...this.models.keys()].reverse()) {
      try {
        model.send({ link: [shared.page, channel, view, message] }, undefined, buffers);
        return true;
      } catch {
        this.forget(model); // nobody is at the other end of its comm any more
      }
    }
    return false;
  }
}

// One view's end of a link.
class End {
  constructor(link, model) {
    this.link = link;
    this.model = model;
    this.view = random(4);
    this.listeners = [];
    this.ups = [];
    this.ends = [];
    // Restarting, JupyterLab takes the comms of the old kernel's models away; there is no other change of them.
    this.lost = () => this.end();
    model.on("comm_live_update", this.lost);
    link.join(this);
  }
  get way() { return this.link.way; }
  // Where the server with labkit's extension is: { base, token }; null where there is none.
  server() { return presence(); }
  send(channel, message, buffers = []) { return this.link.send(channel, this.view, message, buffers); }
  listen(channel, receive) { this.listeners.push([channel, receive]); }
  onUp(up) {
    this.ups.push(up);
    up(this.way);
  }
  onEnd(act) { this.ends.push(act); }
  end() { for (const act of this.ends) act(); }
  up(way) { for (const up of this.ups) up(way); }
  receive(channel, message, buffers) {
    for (const [wanted, receive] of this.listeners) if (wanted === channel) receive(message, buffers);
  }
  close() {
    this.model.off("comm_live_update", this.lost);
    this.link.leave(this);
  }
}

export function connect(model) {
  const kernel = model.get("link_kernel");
  if (!shared.links.has(kernel)) shared.links.set(kernel, new Link(kernel));
  return new End(shared.links.get(kernel), model);
}

if (!shared.farewell) {
  shared.farewell = () => { for (const link of shared.links.values()) link.bye(); };
  addEventListener("pagehide", shared.farewell);
}
