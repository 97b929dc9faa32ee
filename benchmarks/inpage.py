"""What a benchmark does inside the page: clicks and drags, timed by the page's own clock."""

from __future__ import annotations

__all__ = ["CLICKS", "DRAG", "MARK"]

# One click after another: [milliseconds until the page shows the other level, until that is painted] each, or
# null where nothing came of it in time. A click is what a browser sends for one: down, up and click.
CLICKS = """async ([press, picture, count, pause, patience]) => {
  const level = () => document.querySelector(picture)?.dataset.level;
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0); }));
  const notebook = document.querySelector('.jp-Notebook');
  const one = () => new Promise((resolve) => {
    const before = level(), button = document.querySelector(press), began = performance.now();
    const send = (type) => button.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 1 }));
    const end = () => { observer.disconnect(); clearTimeout(timer); send('pointerup'); };
    const timer = setTimeout(() => { end(); resolve(null); }, patience);
    const observer = new MutationObserver(() => {
      if (level() === before) return;
      const changed = performance.now() - began;
      end();
      painted().then(() => resolve([changed, performance.now() - began])); });
    observer.observe(notebook, { subtree: true, childList: true, attributes: true, characterData: true });
    send('pointerdown');
    send('click'); });
  const found = [];
  for (let click = 0; click < count; click++) {
    found.push(await one());
    if (found.at(-1) === null) break;
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random()))); }
  return found }"""

# Marks the first slider of the notebook, and what is around it up to where its level is shown.
MARK = """() => {
  const slider = document.querySelector('.jp-Notebook :is(.widget-slider, .labkit-slider)');
  let around = slider;
  while (!around.querySelector('[data-level]')) around = around.parentElement;
  around.classList.add('dragged') }"""

# A drag over so many values, four milliseconds apart: [the slider's value at its end, the level that is shown,
# milliseconds from the last move until they agree].
DRAG = """async (moves) => {
  const knob = document.querySelector('.dragged :is(.noUi-handle, input[type=range])');
  const track = knob.closest('.noUi-target')?.getBoundingClientRect(), page = document.documentElement;
  const send = (type, target, share) => target.dispatchEvent(new MouseEvent(type, {
    bubbles: true, cancelable: true, buttons: type === 'mouseup' ? 0 : 1,
    clientX: track.x + track.width * share, clientY: track.y + 3 }));
  // A slider of the browser's own takes no made-up mouse: it is told as the browser tells it.
  const slide = (share) => {
    knob.value = Number(knob.min) + (knob.max - knob.min) * share;
    knob.dispatchEvent(new Event('input', { bubbles: true })); };
  const moveTo = (share) => track ? send('mousemove', page, share) : slide(share);
  if (track) send('mousedown', knob.querySelector('.noUi-touch-area'), 0);
  for (let move = 1; move <= moves; move++) {
    moveTo((move * 7 % moves) / moves);
    await new Promise((resolve) => setTimeout(resolve, 4)); }
  const last = 0.3 + 0.4 * Math.random(), began = performance.now();
  moveTo(last);
  if (track) send('mouseup', page, last);
  const wanted = () => Number(track ? knob.getAttribute('aria-valuenow') : knob.value);
  const shown = () => Number(document.querySelector('.dragged [data-level]').dataset.level);
  while (Math.abs(shown() - wanted()) > 1e-4 && performance.now() - began < 20000)
    await new Promise((resolve) => requestAnimationFrame(resolve));
  return [wanted(), shown(), performance.now() - began] }"""
