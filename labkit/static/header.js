// The pin header, live: pins to look at, and on a simulated board to press; the parts' own controls beside it.
import { alternatives, drawStrip, inWords } from "./board.js";
import { keepKeys } from "./keys.js";
import { connect } from "./link.js";
import { drawParts, holdable } from "./parts.js";
import { stopBar, stopInPage } from "./stop.js";
import { watchWaiting } from "./waiting.js";

const LONG_MS = 350; // a longer press of a pin is undone when it ends

const div = (kind, parent, attributes = {}) => {
  const made = document.createElement("div");
  made.className = kind;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
};

// The headers with pins to use as pictures, jumpers and the like folded away; the rows of pins of the former.
function drawBoard(board, place) {
  const pins = [];
  const draw = (strip, into) => {
    const title = `${board.name}, header ${strip.name}${board.simulated ? ", simulated" : ""}`;
    const drawn = drawStrip(strip, board.simulated, title);
    into.append(drawn.svg);
    return drawn.pins;
  };
  const title = div("labkit-title", place);
  title.textContent = `${board.name} · ${board.strips[0].name}${board.simulated ? " · simulated" : " · real pins"}`;
  const [main, ...others] = board.strips;
  pins.push(...draw(main, div("labkit-scroll", place)));
  const isUsable = (strip) => strip.rows.flat().some((pin) => pin?.kind === "gpio");
  for (const strip of others.filter(isUsable)) {
    div("labkit-title", place).textContent = strip.name;
    pins.push(...draw(strip, place));
  }
  const jumpers = others.filter((strip) => !isUsable(strip));
  if (jumpers.length) {
    const fold = document.createElement("details");
    fold.className = "labkit-jumpers";
    const summary = document.createElement("summary");
    summary.textContent = `Without GPIO pins: ${jumpers.map((strip) => strip.name).join(", ")}`;
    fold.append(summary);
    for (const strip of jumpers) {
      div("labkit-title", fold).textContent = strip.name;
      draw(strip, fold);
    }
    place.append(fold);
  }
  return pins;
}

// One tab stop for all pins; the arrow keys go from pin to pin as they are on the board.
function navigate(rows, board) {
  const all = rows.flat().filter(Boolean);
  let here = all.find((pin) => pin.place.kind === "gpio") ?? all[0];
  here.group.setAttribute("tabindex", "0");
  const go = (pin) => {
    here.group.setAttribute("tabindex", "-1");
    here = pin;
    here.group.setAttribute("tabindex", "0");
  };
  const next = (pin, down, across) => {
    let r = rows.findIndex((row) => row.includes(pin)), c = rows[r].indexOf(pin);
    do { r += down; c = Math.min(Math.max(c + across, 0), (rows[r]?.length ?? 1) - 1); } while (rows[r] && !rows[r][c] && down);
    return rows[r]?.[c];
  };
  const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  board.addEventListener("focusin", (event) => {
    const pin = all.find((each) => each.group === event.target);
    if (pin) go(pin);
  });
  board.addEventListener("keydown", (event) => {
    const pin = all.find((each) => each.group === event.target);
    if (!pin || event.ctrlKey || event.metaKey || event.altKey) return;
    const end = { Home: all[0], End: all.at(-1) }[event.key] ?? (KEYS[event.key] && next(pin, ...KEYS[event.key]));
    if (!end) return;
    event.preventDefault();
    end.group.focus();
  });
  return all;
}

// Press, flip, drive: only on a simulated board, and only what the kernel says can be pressed.
function pressable(pin, send) {
  const { group, place } = pin;
  const release = holdable(group, () => {
    pin.down = pin.state.touch;
    if (pin.down) send({ type: "down", pin: place.name, kind: pin.down });
  }, (lasted) => {
    if (pin.down) send({ type: "up", pin: place.name, long: lasted > LONG_MS });
    pin.down = "";
  });
  group.addEventListener("keydown", (event) => {
    if (!["Delete", "Backspace"].includes(event.key) || pin.state.lead === undefined) return;
    event.preventDefault();
    send({ type: "take lead", pin: place.name });
  });
  group.addEventListener("dblclick", (event) => event.preventDefault());
  return release;
}

// The line under the picture: all there is to say of the pin under the pointer, or of the one with the focus.
function describe(all, board, line, simulated) {
  const hint = simulated
    ? "Click a free pin to drive it, again to change its level; Delete lets go. Hold a button’s pin to press it."
    : "Real pins: to look at only. Point at one to read about it.";
  let shown = null;
  const show = () => {
    const more = shown && alternatives(shown.place);
    line.textContent = shown ? `${inWords(shown.place, shown.state, simulated)}.${more ? ` Also: ${more}.` : ""}` : hint;
  };
  const find = (event) => all.find((pin) => pin.group === event.target.closest?.(".labkit-pin"));
  for (const kind of ["pointerover", "focusin"]) board.addEventListener(kind, (event) => { shown = find(event) ?? shown; show(); });
  board.addEventListener("pointerleave", () => { shown = all.find((pin) => pin.group === document.activeElement) ?? null; show(); });
  show();
  return (pin) => { if (pin === shown) show(); };
}

function render({ model, el }) {
  const board = model.get("board"), root = div("labkit-header labkit-framed", el);
  const cleanups = [];
  const listen = (change, act) => {
    model.on(change, act);
    cleanups.push(() => model.off(change, act));
  };
  const link = connect(model);
  cleanups.push(() => link.close());
  stopBar(link, root);
  stopInPage(model);
  const body = div("labkit-board-and-parts", root);
  cleanups.push(keepKeys(() => body));
  const picture = div("labkit-board", body), list = div("labkit-parts", body, { role: "group", "aria-label": "Simulated parts" });
  const line = div("labkit-words", root), problem = div("labkit-problem", root, { role: "alert" }), code = document.createElement("code");
  code.className = "labkit-code";
  root.append(code);
  cleanups.push(watchWaiting(model, { frame: () => root, place: root }));
  const send = (message) => {
    try {
      model.send(message);
    } catch {
      // A restarted kernel has no end for this widget any more.
      line.textContent = "The kernel was restarted: run this cell again.";
      root.classList.add("labkit-closed");
    }
  };
  const all = navigate(drawBoard(board, picture), picture);
  const tell = describe(all, picture, line, board.simulated);
  let timer = 0;
  const watchBlurs = () => {
    timer = 0;
    const now = performance.now();
    if (all.filter((pin) => pin.isBusy(now)).length) timer = setTimeout(watchBlurs, 150);
  };
  for (const pin of all.filter((each) => each.place.kind === "gpio")) {
    const { name } = pin.place;
    const show = () => {
      pin.show(model.get(name));
      tell(pin);
      if (pin.busy && !timer) timer = setTimeout(watchBlurs, 150);
    };
    listen(`change:${name}`, show);
    show();
    if (board.simulated) cleanups.push(pressable(pin, send));
  }
  cleanups.push(() => clearTimeout(timer));
  cleanups.push(drawParts(model, list, send));
  const showClosed = () => {
    if (!model.get("closed")) return;
    root.classList.add("labkit-closed");
    line.textContent = "This bench is closed: run the cell with labkit.bench() again.";
  };
  const showSaid = () => {
    code.textContent = model.get("code");
    problem.textContent = model.get("problem");
  };
  listen("change:closed", showClosed);
  listen("change:code", showSaid);
  listen("change:problem", showSaid);
  showClosed();
  showSaid();
  return () => cleanups.forEach((clean) => clean());
}

export default { render };
