// What JupyterLab loads of an extension, in the form of a module federation's container; the extension itself comes
// from labkit's server extension, so that there is one copy of it. Where that is switched off there is none.
(() => {
  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const address = new URL("labkit/lab.js", new URL(config.baseUrl, location.href));
  const none = { default: { id: "gpio-labkit:none", autoStart: true, activate() {} } };
  (window._JUPYTERLAB ??= {})["gpio-labkit"] = {
    init() {},
    async get() {
      const found = await import(address).catch(() => none);
      // JupyterLab notes on what it gets whose it is, which a module does not let it.
      return () => ({ __esModule: true, default: found.default });
    },
  };
})();
