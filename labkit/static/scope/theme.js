// The colours of the page's theme, now and when it changes.
export function followTheme(el, paint) {
  const tell = () => {
    const style = getComputedStyle(el), read = (name, other) => style.getPropertyValue(name).trim() || other;
    paint({
      text: read("--jp-ui-font-color1", style.color), border: read("--jp-border-color1", "#9ca3af"), strong: read("--jp-border-color0", "#6b7280"),
      ground: read("--jp-layout-color0", "#ffffff"),
    });
  };
  tell();
  const observer = new MutationObserver(tell);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"] });
  return () => observer.disconnect();
}
