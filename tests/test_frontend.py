import re

import pytest

from labkit import frontend
from labkit.frontend import front_end


@pytest.fixture
def static(tmp_path, monkeypatch):
    monkeypatch.setattr(frontend, "STATIC", tmp_path)
    front_end.cache_clear()
    yield tmp_path
    front_end.cache_clear()


def test_what_a_module_imports_is_put_before_it_once_and_in_a_scope_of_its_own(static):
    (static / "a.js").write_text(
        'import { b } from "./b.js";\nimport { c, D } from "./c.js";\nexport default { a: b + c };\n'
    )
    (static / "b.js").write_text('import { c } from "./c.js";\nconst hidden = c;\nexport const b = hidden + 1;\n')
    (static / "c.js").write_text(
        "export let c = 1;\nexport class D {}\nexport async function e() {}\nexport function* f() {}\n"
    )
    text = front_end("a.js")
    assert text.count("export") == 1
    assert text.count("export let c") == 0
    assert text.count("let c = 1") == 1
    assert re.findall(r"return \{ (.+) \};", text) == ["c, D, e, f", "b"]
    assert text.index("let c = 1") < text.index("hidden = c") < text.index("export default")
    assert "const { c, D } = labkit_c_js;" in text
    assert "import" not in text


def test_a_circle_is_refused(static):
    (static / "a.js").write_text('import { b } from "./b.js";\n')
    (static / "b.js").write_text('import { a } from "./a.js";\n')
    with pytest.raises(ValueError, match=r"a\.js → b\.js → a\.js"):
        front_end("a.js")


@pytest.mark.parametrize("path", sorted(frontend.STATIC.glob("*.js")), ids=lambda path: path.name)
def test_every_front_end_is_complete(path):
    text = front_end(path.name)
    assert not re.search(r"^import\b", text, re.MULTILINE)
