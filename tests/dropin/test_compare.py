"""`llmcc-tool compare`: two builds, a test, and who is to blame when it fails."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import screenshot
from toolchain.elf import ElfObject

TOOL = Path(sys.executable).parent / "llmcc-tool"

OTHER = "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"
OUTLINER = f"{OTHER} -enable-machine-outliner=always"
SOURCES = ("csv.c", "date.c", "json.c", "map.c", "text.c", "token.c")
MAKEFILE = """\
CFLAGS = -Oz -fno-asynchronous-unwind-tables
library.a: csv.o date.o json.o map.o text.o token.o
\tar rcs $@ $^
"""
# A project that must do without outlined functions: deterministic, and wrong of some units only.
TEST = "! nm library.a | grep -q OUTLINED_FUNCTION"


@pytest.fixture
def project(work, make_model) -> Path:
    # Fewer than are finished: who is to blame is then told by the recipe's text.
    work.env |= {"LLMCC_MODEL": str(make_model(OUTLINER, OTHER)), "LLMCC_CANDIDATES": "7"}
    work.sources(*SOURCES)
    work.file("Makefile", MAKEFILE)
    return work.folder


def compare(work, *words: str, build: tuple[str, ...] = ("make",)) -> subprocess.CompletedProcess[str]:
    argv = [str(TOOL), "compare", "--json", *words, "--", *build]
    return subprocess.run(argv, cwd=work.folder, env=work.env, capture_output=True, text=True, check=False)


def outlined(path: Path) -> bool:
    return any(symbol.name.startswith("OUTLINED") for symbol in ElfObject(path.read_bytes()).symbols())


def test_wrong_units_are_found_pinned_and_not_met_again(work, project, clang, tmp_path):
    before = work.files()
    first = compare(work, "--work", str(tmp_path / "first"))
    built = json.loads(first.stdout)
    assert first.returncode == 0, first.stderr
    assert built["llmcc"] < built["clang"]
    wrong = {path.stem for path in (tmp_path / "first" / "build").glob("*.o") if outlined(path)}
    kept = {Path(row["file"]).stem for row in built["files"] if row["recipe"]}
    assert wrong
    assert wrong < kept

    done = compare(work, "--test", TEST)
    facts = json.loads(done.stdout)
    assert done.returncode == 1, done.stderr
    assert facts["test"] == "fails"
    assert {Path(row["source"]).stem for row in facts["blamed"]} == wrong
    for row in facts["blamed"]:
        assert row["recipe"] == OUTLINER
        assert "-enable-machine-outliner=always" in row["reproduce"]
    assert "pinned, the test passes" in done.stderr
    assert work.files() == before

    again = compare(work, "--test", TEST)
    facts = json.loads(again.stdout)
    assert again.returncode == 0, again.stderr
    assert (facts["test"], facts["blamed"], facts["builds"]) == ("passes", [], 2)
    # What is bad is not proposed for any unit, what is pinned is clang's own, the others are as good as before.
    recipes = {Path(row["file"]).stem: row["recipe"] for row in facts["files"]}
    assert {stem for stem, recipe in recipes.items() if recipe} == kept - wrong
    assert set(recipes.values()) == {"", OTHER}

    # Both can be seen and undone.
    seen = json.loads(bad(work, "--json").stdout)
    assert [(row["what"], row["llvm"]) for row in seen["found"]] == [(OUTLINER, [clang.major])]
    assert {Path(row["evidence"].split()[-1]).stem for row in seen["pinned"]} == wrong
    for what in (OUTLINER, *(row["unit"][:12] for row in seen["pinned"])):
        assert what in bad(work).stdout
        assert bad(work, "--forget", what).returncode == 0
        assert bad(work, "--forget", what).returncode == 2
    third = json.loads(compare(work).stdout)
    assert {Path(row["file"]).stem: row["recipe"] for row in third["files"]} == {
        Path(row["file"]).stem: row["recipe"] for row in built["files"]
    }


def test_linked_images_are_compared_by_flash_and_memory(work, make_model, clang):
    """What counts on a microcontroller: the image, after the linker dropped what nothing needs."""
    work.env["LLMCC_MODEL"] = str(make_model(OTHER))
    work.sources(*SOURCES)
    work.file("main.c", "static int seen[64]; int main(int n, char **v) { seen[n] = v[0][0]; return seen[1]; }\n")
    objects = " ".join(name.replace(".c", ".o") for name in SOURCES)
    link = "$(CC) -Wl,--unresolved-symbols=ignore-all $^ -o $@"
    work.file("Makefile", f"{MAKEFILE}program: main.o {objects}\n\t{link}\n")
    folder = work.root / "kept"
    done = compare(work, "--work", str(folder), build=("make", "program"))
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    (row,) = facts["images"]
    assert row["image"] == "program"
    assert row["flash"]["llmcc"] < row["flash"]["clang"]
    assert row["ram"]["llmcc"] == row["ram"]["clang"] >= 256
    # llvm-size's two first columns are text with everything read-only, and data.
    text, data, bss, *_ = clang.ask("llvm-size", folder / "build" / "program").decode().splitlines()[1].split()
    assert row["flash"]["llmcc"] == int(text) + int(data)
    assert row["ram"]["llmcc"] == int(data) + int(bss)


def test_symbols_are_those_of_the_objects(work, project, clang, tmp_path):
    folder, path = tmp_path / "kept", tmp_path / "sizes.json"
    done = compare(work, str(path), "--top", "2", "--work", str(folder))
    assert done.returncode == 0, done.stderr
    facts = json.loads(path.read_text())
    assert {row["change"] for row in facts["symbols"]} >= {"shrank", "appeared"}
    for row in facts["symbols"]:
        # llvm-nm's sizes, of the objects that llmcc made.
        listed = clang.ask("llvm-nm", "--print-size", "--format=sysv", folder / "build" / row["file"]).decode()
        sizes = {words[0].strip(): words[4] for line in listed.splitlines() if len(words := line.split("|")) == 7}
        assert row["llmcc"] == (int(sizes[row["symbol"]], 16) if row["symbol"] in sizes else None)
    assert "\r" not in done.stderr
    # The tables, two rows each, for people.
    assert "\ntotal, bytes of text+data " in done.stdout
    assert f"… and {len(SOURCES) - 2} more (--top {len(SOURCES)} or --json shows them)" in done.stdout
    for title in ("functions and variables that shrank: ", "that appeared (parts of others, taken out): "):
        assert title in done.stdout
    assert not compare(work, "/nonexistent/folder/file").stdout


def bad(work, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [str(TOOL), "bad", *words]
    return subprocess.run(argv, cwd=work.folder, env=work.env, capture_output=True, text=True, check=False)


def test_what_ships_is_listed_and_not_forgotten(work):
    assert "attributor-cgscc" in bad(work).stdout
    done = bad(work, "--forget", "attributor-cgscc")
    assert (done.returncode, done.stdout) == (2, "")
    assert "ships with llmcc" in done.stderr
    assert "nothing is known of 123456" in bad(work, "--forget", "123456").stderr


def test_objects_of_an_earlier_build_are_not_taken_for_clangs(work, make_model, clang):
    work.env["LLMCC_MODEL"] = str(make_model(OUTLINER, OTHER))
    work.sources("diff.c", "json.c")
    for name in ("diff.c", "json.c"):
        work.file(f"src/{name}", (work.folder / name).read_bytes())
        (work.folder / name).rename(work.folder / "src" / name)
    work.file("Makefile", "all: build/diff.o build/json.o\nbuild/%.o: src/%.c\n\t$(CC) -I. -Oz -c -o $@ $<\n")
    work.file("build/blob.o", b"not made from a source\n")
    assert work.run(["make", "CC=" + str(work.bin / "llmcc")]).code == 0
    facts = json.loads(compare(work).stdout)
    assert {row["file"] for row in facts["files"]} == {"build/diff.o", "build/json.o"}
    assert all(row["llmcc"] < row["clang"] for row in facts["files"])


def test_a_test_that_fails_with_clang_too_blames_nobody(work, project):
    done = compare(work, "--test", "false")
    assert done.returncode == 2
    assert "llmcc is not to blame" in done.stderr


def test_builds_that_cannot_be_compared(work, project):
    other = compare(work, build=("make", f"CC={work.clang_path}"))
    assert (other.returncode, other.stdout) == (2, "")
    assert "did not call llmcc" in other.stderr
    missing = compare(work, build=("no-such-command",))
    assert missing.returncode == 2
    assert "no-such-command: not found" in missing.stderr
    work.file("map.c", "int map(\n")
    failed = compare(work)
    assert failed.returncode == 2
    assert "the build fails with clang" in failed.stderr


def test_a_terminal_is_told_how_far_it_is_and_gets_no_line_that_it_would_wrap(work, project):
    terminal, halfway = screenshot.run(work.folder, ("compare", "--", "make"), work.env)
    lines = [terminal.text(at) for at in range(len(terminal.lines))]
    assert max(map(len, lines)) <= screenshot.COLUMNS
    assert any(line.endswith("…") and ".o " in line for line in lines)
    told = "".join(words for words, _ in halfway[-1])
    assert re.fullmatch(r"  [3-6] of 6 units, \d+ bytes saved, \d+:\d\d left", told)
    assert any(re.fullmatch(r"  6 of 6 units, [1-9]\d* bytes saved, 0:00 left", line) for line in lines)
