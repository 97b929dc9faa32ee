"""The picture as a browser draws it: no part's body lies on another's, or on somebody else's wire or leg."""

import os
import shutil

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.process]

COMPLAINTS = """() => {
  const hidden = ["lk-glow", "lk-foot", "lk-casing"];
  const boxes = [...document.querySelectorAll(".lk-piece")].map((group) => {
    const isShown = (one) => !hidden.some((kind) => one.classList.contains(kind));
    const shapes = [...group.querySelectorAll("circle,rect,path")].filter(isShown);
    const all = shapes.map((one) => one.getBoundingClientRect());
    const most = (side, choose) => choose(...all.map((box) => box[side]));
    return { name: group.dataset.piece, left: most("left", Math.min), top: most("top", Math.min),
             right: most("right", Math.max), bottom: most("bottom", Math.max) };
  });
  const inside = (box, x, y, by) => x > box.left + by && x < box.right - by && y > box.top + by && y < box.bottom - by;
  const found = [];
  boxes.forEach((one, index) => boxes.slice(index + 1).forEach((other) => {
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    if (wide > 1 && high > 1) found.push(`${one.name} lies on ${other.name}`);
  }));
  for (const path of document.querySelectorAll(".lk-line")) {
    const at = path.getScreenCTM(), length = path.getTotalLength();
    for (let way = 6; way < length - 6; way += 4) {
      const point = path.getPointAtLength(way), x = point.x * at.a + at.e, y = point.y * at.d + at.f;
      const over = boxes.find((box) => inside(box, x, y, 1));
      if (over) { found.push(`${over.name} lies on a wire of ${path.parentNode.dataset.net}`); break; }
    }
  }
  for (const foot of document.querySelectorAll(".lk-foot")) {
    const own = foot.closest(".lk-piece").dataset.piece, box = foot.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const over = boxes.find((one) => one.name !== own && inside(one, x, y, 0));
    if (over) found.push(`${over.name} lies on a leg of ${own}`);
  }
  const edge = document.querySelector("svg").getBoundingClientRect().right;
  for (const words of document.querySelectorAll(".lk-names text, .lk-modules text")) {
    if (words.getBoundingClientRect().right > edge) found.push(`${words.textContent} is cut off`);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def page():
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        assert not os.environ.get("CI"), "this test needs a browser: sudo apt install chromium"
        pytest.skip("this test needs a browser: sudo apt install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started.new_page()
        started.close()


def test_no_body_lies_on_another_or_on_a_wire(page, random_circuit):
    pieces = 0
    for seed in range(24):
        page.set_content(random_circuit(seed).svg())
        assert page.evaluate(COMPLAINTS) == [], seed
        pieces += page.locator(".lk-piece").count()
    assert pieces > 150


def test_a_body_in_the_wrong_place_is_found_out(page):
    from labkit import parts
    from labkit.circuits.circuit import Circuit

    svg = Circuit({"red": parts.Led(17), "green": parts.Led(27)}).svg()
    page.set_content(svg.replace('data-piece="red"', 'data-piece="red" transform="translate(0 72)"'))
    assert "red lies on green" in page.evaluate(COMPLAINTS)
