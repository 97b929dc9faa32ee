"""Old Jupyter files: read for what they set, and never run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from labkit_setup.errors import ConfigurationError
from labkit_setup.host.fake import FakeHost
from labkit_setup.pi.jupyterfiles import COMPUTED, candidates, read
from traitlets.config import Config

OLD = Path("/home/pi/.jupyter/jupyter_notebook_config.py")


@pytest.fixture
def host() -> FakeHost:
    return FakeHost({"/tmp/there": ""})


@pytest.fixture
def old(host) -> Callable[..., FakeHost]:
    """A machine with such a file."""

    def with_file(content: str, path: Path = OLD) -> FakeHost:
        host.add(str(path), content)
        return host

    return with_file


def literals(host: FakeHost, path: Path = OLD) -> dict[str, object]:
    return {f"{one.section}.{one.name}": one.value for one in read(host, path).settings}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("c.NotebookApp.port = 8888", {"NotebookApp.port": 8888}),
        ("c = get_config()\nc.NotebookApp.ip = u'*'", {"NotebookApp.ip": "*"}),
        ("conf = get_config()\nconf.ServerApp.port = 1", {"ServerApp.port": 1}),
        ("c['ServerApp']['port'] = 1", {"ServerApp.port": 1}),
        ("c.ServerApp = {'port': 1, 'ip': ''}", {"ServerApp.port": 1, "ServerApp.ip": ""}),
        ("c.ServerApp.update({'port': 1}, ip='x')", {"ServerApp.port": 1, "ServerApp.ip": "x"}),
        ("c.A.b = c.C.d = -1.5", {"A.b": -1.5, "C.d": -1.5}),
        ("c.ServerApp.port: int = 5", {"ServerApp.port": 5}),
        ("c.A.b = [1, ('x', None)]", {"A.b": [1, ("x", None)]}),
        ("import os\nc.A.b = os.environ['X']", {"A.b": COMPUTED}),
        ("c.A.b = f'{1}'", {"A.b": COMPUTED}),
        ("c.A.b += [1]", {"A.b": COMPUTED}),
        ("c.A.b.append(1)", {"A.b": COMPUTED}),
        ("c.ServerApp.tornado_settings['headers'] = {}", {"ServerApp.tornado_settings": COMPUTED}),
        ("x = 5\nprint('hello')", {}),
        ("c.A.b = '\\d'", {"A.b": "\\d"}),
    ],
)
def test_python_is_read_for_its_literals(old, code, expected) -> None:
    assert literals(old(code)) == expected


@pytest.mark.parametrize(
    "code",
    [
        "if True:\n    c.NotebookApp.port = 80",
        "for name in 'ab':\n    c[name].port = 80",
        "app = c.NotebookApp",
        "c.ServerApp = dict(port=1)",
        "c.update({'ServerApp': {'port': 1}})",
        "load_subconfig('other.py')",
        "exec(open('other.py').read())",
        "c.merge(other)",
        "c.A, c.B = 1, 2",
    ],
)
def test_code_that_may_set_something_is_named_by_its_line(old, code) -> None:
    found = read(old(f"\n{code}"), OLD)
    assert found.code == (2,)


TOUCH = "__import__('pathlib').Path('{mark}').touch()"


@pytest.mark.parametrize(
    "code",
    [
        TOUCH,
        f"c.NotebookApp.port = {TOUCH}",
        f"c.A.b = [{TOUCH} for _ in 'x']",
        f"c.A[{TOUCH}] = 1",
        f"c.A.update(b={TOUCH})",
        f"class X:\n    {TOUCH}",
        f"def f(x={TOUCH}): pass",
        f"@(lambda f: {TOUCH})\ndef f(): pass",
        f'c.A.b = f"{{{TOUCH}}}"',
    ],
)
def test_nothing_of_a_file_is_run(old, tmp_path, code) -> None:
    mark = tmp_path / "ran"
    code = code.replace("{mark}", str(mark))
    read(old(code), OLD)
    assert not mark.exists()
    # Jupyter would have run it.
    exec(code, {"c": Config()})
    assert mark.exists()


def test_json_is_read_by_class_and_setting(old) -> None:
    path = OLD.with_suffix(".json")
    content = json.dumps({"version": 1, "NotebookApp": {"port": 8888, "password": "sha1:0:1"}})
    assert literals(old(content, path), path) == {"NotebookApp.port": 8888, "NotebookApp.password": "sha1:0:1"}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.py", "c.NotebookApp.port = = 8888", r"can't be read as Python 3 \(line 1\)"),
        ("x.py", "print 'old'", r"can't be read as Python 3 \(line 1\)"),
        ("x.py", "c.A.b = 'open", "can't be read as Python 3"),
        ("x.py", "c.A.b = 1\0", "can't be read as Python 3"),
        ("x.py", "c.A.b = " + "(" * 5000 + ")" * 5000, "can't be read as Python 3"),
        ("x.py", "c.A.b = " + "-" * 20000 + "1", "can't be read as Python 3"),
        ("x.py", b"c.A.b = '\xff'", "can't be read as Python 3"),
        ("x.py", "#" * 1_000_001, "larger than any Jupyter configuration"),
        ("x.json", "", r"can't be read as JSON \(Expecting value in line 1\)"),
        ("x.json", '{"NotebookApp": {"port": 8888,}}', "can't be read as JSON"),
        ("x.json", "[]", "holds no settings"),
        ("x.json", "[" * 100_000, "can't be read as JSON"),
        ("x.json", b"\xff\xfe", "can't be read as JSON"),
        ("x.json", '{"A": {"b": ' + "9" * 5000 + "}}", "can't be read as JSON"),
        ("x.py", None, "is no file"),
    ],
)
def test_a_malformed_file_is_one_sentence_without_its_content(host, name, content, sentence) -> None:
    host.add(f"/tmp/{name}", content)
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        read(host, Path("/tmp", name))
    assert caught.value.exit_status == 78
    assert "\n" not in str(caught.value)
    assert "c.A.b" not in str(caught.value)


def test_files_are_looked_for_where_jupyter_does(old) -> None:
    host = old("")
    for name in ("jupyter_lab_config.py", "jupyter_server_config.py", "jupyter_server_config.json", "other.py"):
        host.add(f"/home/pi/.jupyter/{name}", "")
    names = [path.name for path in candidates(host, Path("/home/pi"))]
    assert names == [
        "jupyter_notebook_config.py", "jupyter_server_config.py", "jupyter_server_config.json", "jupyter_lab_config.py",
    ]  # fmt: skip
