"""How far a build is, by what llmcc has logged."""

import json

from llmcc.cli.progress import Progress


def row(output: str, before: int, after: int) -> str:
    return json.dumps({"output": output, "baseline_size": before, "size": after}) + "\n"


def test_units_bytes_and_time_are_told_by_the_log(tmp_path):
    log = tmp_path / "log"
    progress = Progress(log, {"/b/a.o": 100, "/b/c.o": 300, "/b/asm.o": 10})
    progress.look()
    assert progress.line() == "0 of 3 units, 0 bytes saved"
    log.write_text(row("/b/a.o", 90, 80))
    progress.look()
    assert progress.line().startswith("1 of 3 units, 10 bytes saved, 0:0")
    # A line that is half written is read when it is whole; what is made twice counts once.
    with log.open("a") as file:
        file.write(row("/b/a.o", 90, 70) + row("/b/c.o", 50, 50)[:20])
    progress.look()
    assert progress.line().startswith("1 of 3 units, 20 bytes saved")
    with log.open("a") as file:
        file.write(row("/b/c.o", 50, 50)[20:])
        file.write(json.dumps({"argv": ["clang", "-c", "asm.s", "-o", "asm.o"], "cwd": "/b"}) + "\n")
    progress.look()
    assert progress.line() == "3 of 3 units, 20 bytes saved, 0:00 left"


def test_a_build_of_unknown_length_has_no_end_to_tell(tmp_path):
    log = tmp_path / "log"
    log.write_text(row("/b/a.o", 90, 80) + "[1]\n" + "no JSON\n")
    progress = Progress(log, {})
    progress.look()
    assert progress.line() == "1 units, 10 bytes saved"
