"""`labkit picture FILE.circuit.yaml`: the picture beside the file, and what is wrong with the circuit."""

import xml.etree.ElementTree as ET

from labkit.cli import main


def test_the_picture_is_written_beside_its_file(tmp_path, capsys):
    path = tmp_path / "blink.circuit.yaml"
    path.write_text("parts:\n  red: {kind: Led, pin: 17}\n")
    assert main(["picture", str(path), "--steps"]) == 0
    assert ET.parse(tmp_path / "blink.svg").getroot().get("aria-label") == "wiring of red (LED)"
    told = capsys.readouterr()
    assert "1 × LED, red\n" in told.out
    assert "red: blue wire from header pin 11 (GPIO17) to a2.\n" in told.out
    assert told.err == ""


def test_errors_of_the_lint_are_told_and_give_a_status(tmp_path, capsys):
    path = tmp_path / "bare.yaml"
    path.write_text("parts:\n  red: {kind: Led, pin: 17, resistor: null}\n")
    assert main(["picture", str(path), "-o", str(tmp_path / "out.svg")]) == 1
    assert (tmp_path / "out.svg").exists()
    assert capsys.readouterr().err.startswith("error: red, GPIO17: The LED has no resistor: 32 mA would flow")


def test_what_can_not_be_read_or_written_is_told_in_a_sentence(tmp_path, capsys):
    path = tmp_path / "blink.circuit.yaml"
    path.write_text("parts:\n  red: {kind: Led, pin: 17}\n")
    assert main(["picture", str(path), "-o", str(tmp_path / "no" / "out.svg")]) == 2
    assert (
        capsys.readouterr().err
        == f"labkit picture: can't write {tmp_path / 'no' / 'out.svg'}: No such file or directory.\n"
    )
    path.write_text("parts:\n  red: {kind: Lamp, pin: 17}\n")
    assert main(["picture", str(path)]) == 2
    assert f"labkit picture: {path}, line 2: red: kind: there is no 'Lamp'" in capsys.readouterr().err
