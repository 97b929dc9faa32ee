// One BokehJS per page and version: from the server where it has labkit's extension, so that the browser keeps it; else
// from the kernel.
export function loadBokeh(link, version) {
  const loads = (window.__labkitBokeh ??= new Map());
  if (!loads.has(version)) {
    const load = window.Bokeh?.version === version ? Promise.resolve(window.Bokeh)
      : link.server().then((server) => fromServer(server, version)).catch(() => fromKernel(link));
    loads.set(version, load.catch((error) => { loads.delete(version); throw error; }));
  }
  return loads.get(version);
}

function run(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => (window.Bokeh ? resolve(window.Bokeh) : reject(new Error("BokehJS did not start")));
    script.onerror = () => reject(new Error("the page could not load BokehJS"));
    document.head.append(script);
  });
}

function fromServer(server, version) {
  if (!server) throw new Error("the server has none");
  const url = new URL(`labkit/bokeh/${encodeURIComponent(version)}/bokeh.min.js`, server.base);
  if (server.token) url.searchParams.set("token", server.token);
  return run(url);
}

function fromKernel(link) {
  return new Promise((resolve, reject) => {
    let parts = [];
    link.listen("scope", (message, buffers) => {
      if (message.type !== "bokehjs" || !parts) return;
      parts.push(buffers[0]);
      if (message.at + buffers[0].byteLength < message.of) return;
      const url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
      parts = null;
      run(url).then(resolve, reject).finally(() => URL.revokeObjectURL(url));
    });
    const ask = () => { if (parts) { parts = []; link.send("scope", { type: "bokehjs" }); } };
    link.onUp(ask);
  });
}
