// The bench's log: what callbacks and background threads printed and raised. It follows the newest line until
// somebody scrolls up, and again when they are back at the end.
import { copy } from "./clipboard.js";

const STYLE = `
.labkit-log { font-family: var(--jp-ui-font-family); color: var(--jp-ui-font-color1); border: 1px solid var(--jp-border-color2);
  max-width: 900px; margin: 2px 0; }
.labkit-log-bar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 4px 10px; background: var(--jp-layout-color2); }
.labkit-log .labkit-log-fold { flex: 1 1 240px; display: flex; align-items: center; gap: 8px; min-width: 0; padding: 0; border: 0; background: none; text-align: left; }
.labkit-log-fold::before { content: "▸"; }
.labkit-log-fold[aria-expanded="true"]::before { content: "▾"; }
.labkit-log-latest { flex: 1 1 200px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--jp-ui-font-color2); }
.labkit-log button { min-height: 24px; padding: 0 10px; cursor: pointer; color: inherit; background: var(--jp-layout-color1);
  border: 1px solid var(--jp-border-color1); border-radius: 3px; font: inherit; }
.labkit-log button:focus-visible, .labkit-log-lines:focus-visible { outline: 2px solid var(--jp-brand-color1); outline-offset: 1px; }
.labkit-log-lines { height: 190px; min-height: 60px; overflow: auto; resize: vertical; padding: 4px 10px;
  font-family: var(--jp-code-font-family); font-size: var(--jp-code-font-size, 13px); line-height: 1.4; }
.labkit-log-entry { display: grid; grid-template-columns: var(--labkit-time) var(--labkit-source) 1fr; column-gap: 1.5ch; }
.labkit-log-time { text-align: right; color: var(--jp-ui-font-color2); font-variant-numeric: tabular-nums; }
.labkit-log-source { color: var(--jp-brand-color1); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.labkit-log-text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; }
.labkit-log-text details > summary { cursor: pointer; }
.labkit-log-entry[data-kind="err"] .labkit-log-text, .labkit-log-entry[data-kind="error"] .labkit-log-text { color: var(--jp-error-color1); }
.labkit-log-gap { color: var(--jp-ui-font-color2); font-style: italic; }
`;

const make = (name, kind, parent, text) => {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  parent?.append(made);
  return made;
};

const inText = ([, time, source, , text, repeats]) =>
  `${time.toFixed(6).padStart(12)} s  ${source}${repeats > 1 ? ` (${repeats} times)` : ""}: ${text}`;

// One entry; an exception is its last line, with the traceback to unfold.
function fill(row, entry) {
  const [, time, source, kind, text, repeats] = entry;
  const isOpen = row.querySelector("details")?.open;
  row.replaceChildren();
  row.dataset.kind = kind;
  row.labkitEntry = entry;
  make("span", "labkit-log-time", row, `${time.toFixed(3)} s`);
  make("span", "labkit-log-source", row, source).title = source;
  const said = make("span", "labkit-log-text", row);
  if (kind !== "error") {
    said.textContent = text;
    return;
  }
  const unfold = make("details", "", said), lines = text.split("\n");
  unfold.open = Boolean(isOpen);
  // The line that failed is the traceback's last.
  unfold.addEventListener("toggle", () => { if (unfold.open && !isOpen) row.scrollIntoView({ block: "nearest" }); });
  make("summary", "", unfold, `${repeats > 1 ? `${repeats} × ` : ""}${lines.at(-1)}`);
  make("span", "", unfold, lines.slice(0, -1).join("\n"));
}

function render({ model, el }) {
  const view = crypto.getRandomValues(new Uint32Array(1))[0].toString(36), rows = new Map();
  make("style", "", el, STYLE);
  const root = make("div", "labkit-log", el), bar = make("div", "labkit-log-bar", root), lines = make("div", "labkit-log-lines", root);
  const fold = make("button", "labkit-log-fold", bar);
  fold.type = "button";
  make("b", "", fold, "Log");
  const count = make("span", "", fold), latest = make("span", "labkit-log-latest", fold);
  lines.setAttribute("role", "log");
  lines.setAttribute("aria-label", "What callbacks and background threads printed and raised");
  lines.tabIndex = 0;
  const button = (name, title, act) => {
    const made = make("button", "", bar, name);
    made.type = "button";
    made.title = title;
    made.addEventListener("click", () => act(made));
    return made;
  };
  const say = (message) => {
    try { model.send({ ...message, view }); } catch { /* a restarted kernel: what is there stays to read */ }
  };
  // As wide as the widest so far: the columns of all lines stand below each other.
  const widest = { time: 0, source: 0 };
  const widen = (column, text) => {
    if (text.length <= widest[column]) return;
    widest[column] = text.length;
    lines.style.setProperty(`--labkit-${column}`, `${Math.min(text.length, 24)}ch`);
  };
  let follows = true;
  const toEnd = () => { follows = true; newest.hidden = true; lines.scrollTop = lines.scrollHeight; };
  const newest = button("▼ Newest", "Follow the newest line", toEnd);
  button("Copy", "Copy the whole log", async (made) => {
    const done = await copy([...rows.values()].map((row) => inText(row.labkitEntry)).join("\n"));
    made.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => { made.textContent = "Copy"; }, 1500);
  });
  button("Clear", "Forget all of it", () => say({ type: "clear" }));
  newest.hidden = true;

  const tell = () => {
    const last = [...rows.values()].at(-1)?.labkitEntry;
    count.textContent = `· ${rows.size} ${rows.size === 1 ? "line" : "lines"}`;
    root.dataset.lines = rows.size;
    latest.textContent = last ? `${last[2]}: ${last[4].split("\n").at(-1)}` : "what callbacks and background threads print and raise comes here";
  };
  const take = ({ entries, first, missing }) => {
    for (const [number, row] of rows) {
      if (number >= first) break;
      while (row.previousSibling) row.previousSibling.remove();
      row.remove();
      rows.delete(number);
    }
    if (!rows.size) lines.replaceChildren();
    if (missing) make("div", "labkit-log-gap", lines, `… ${missing} lines came too fast to show: print(bench.log.text) has the last ones`);
    for (const entry of entries) {
      if (!rows.has(entry[0])) rows.set(entry[0], make("div", "labkit-log-entry", lines));
      fill(rows.get(entry[0]), entry);
      widen("time", `${entry[1].toFixed(3)} s`);
      widen("source", entry[2]);
    }
    tell();
    if (follows) lines.scrollTop = lines.scrollHeight;
  };
  lines.addEventListener("scroll", () => {
    follows = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 24;
    newest.hidden = follows;
  });
  const unfold = (isOpen) => {
    lines.hidden = !isOpen;
    fold.setAttribute("aria-expanded", String(isOpen));
    if (isOpen && follows) toEnd();
  };
  fold.addEventListener("click", () => unfold(lines.hidden));
  unfold(!model.get("folded"));

  let timer = 0;
  const receive = (message) => {
    if (message.to !== view) return;
    take(message);
    // After it was painted, and no sooner than a person can read; hidden pages paint nothing.
    timer = setTimeout(() => say({ type: "painted", revision: message.revision }), 50);
  };
  model.on("msg:custom", receive);
  tell();
  say({ type: "hello" });
  return () => {
    clearTimeout(timer);
    model.off("msg:custom", receive);
    say({ type: "bye" });
  };
}

export default { render };
