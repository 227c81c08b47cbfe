"""The data of a report and its forms but for what a browser makes of the page (see tests/browser)."""

import csv
import html
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cache import tally
from cache.store import Store, digest_of
from llmcc import reasons
from llmcc.errors import UserError
from llmcc.record import DecisionRecord
from llmcc.report import counts, data, plain
from llmcc.report.calls import MOST_PERIODS, Event, count_periods
from llmcc.report.charts import saving_class
from llmcc.report.data import Fate, Report
from llmcc.report.html import render
from llmcc.report.read import read_cache, read_log
from llmcc.report.symbols import compare_images
from llmcc.report.treemap import Box, squarify
from llmcc.report.words import in_csv, in_markdown, shown

TOOL = Path(sys.executable).parent / "llmcc-tool"
GOOD = "<clang>,function(gvn) | -disable-lsr"
OTHER = "mergefunc,<clang>"
HOSTILE = (
    "<script>alert(1)</script>.c",
    "\"onload='alert(1)'.c",
    "two\nlines\t\x1b[31m.c",
    os.fsdecode(b"latin-\xe9\xff.c"),
    "|`*_[x](y)@user #1 \\|.c",
    "=cmd(A1).c",
    "\u202egnp.c",
    "&lt;&#60;${style}.c",
)


def sizes(text: int, rodata: int = 10, bss: int = 0) -> dict[str, int]:
    return {"text": text, "rodata": rodata, "data": 4, "unwind": 20, "bss": bss}


def candidate(recipe: str, ranked: Any = None, made: Any = None, problem: str = "", gates: Any = ()) -> dict[str, Any]:
    words = [{"gate": gate, "outcome": outcome, "evidence": evidence} for gate, outcome, evidence in gates]
    return {"recipe": recipe, "ranked": ranked, "object": made, "problem": problem, "gates": words}


PASSED = (("structure", "pass", ""), ("certificate", "pass", ""))


class Build:
    """A cache and a log, as compiles leave them."""

    def __init__(self, root: Path) -> None:
        self.store = Store(os.fsencode(root / "cache"))
        self.log = root / "log.jsonl"
        self.time = 1_700_000_000.0
        self.row: dict[str, Any] = {}

    def unit(
        self,
        name: str,
        before: int,
        after: int,
        candidates: list[dict[str, Any]],
        *,
        folder: str = "/p/src",
    ) -> str:
        """Decide a unit; its key. With `after` smaller the recipe GOOD is kept."""
        kept = after < before
        reason = "kept" if kept else "nothing-smaller"
        details = {
            "source": f"{folder}/{name}",
            "output": f"/p/build/{name}.o",
            "cwd": "/p",
            "ir": digest_of(os.fsencode(name) + b"%d" % before),
            **dict.fromkeys(("clang", "toolchain", "model", "level"), ""),
            "argv": [],
            "policy": [],
            "recipe": GOOD if kept else "",
            "baseline": sizes(before),
            "result": sizes(after),
            "candidates": candidates,
        }
        record = DecisionRecord(kept, reasons.ALL[reason], "0" * 32, True, before + 4, after + 4, b"")
        record.details = json.dumps(details).encode()
        key = digest_of(record.details)
        record.save(self.store, key)
        self.store.put_record(b"index", digest_of(os.fsencode(str(details["output"]))), key.encode())
        self.row = {"outcome": "kept" if kept else "fallback", "reason": reason, "argv": ["clang", "-c", name]}
        self.row |= {k: details[k] for k in ("cwd", "source", "output", "ir", "recipe", "baseline", "result")}
        self.call(before, after)
        return key

    def call(self, before: int, after: int) -> None:
        """Log and count `row`, a minute after the last."""
        self.time += 60.0
        with self.log.open("a") as file:
            file.write(json.dumps({"time": self.time, "seconds": 2.5, **self.row}) + "\n")
        words = f"{self.row['outcome']} {self.row['reason']} {before} {after} 2500\n"
        self.store.append_line(b"stats", words.encode())

    def hit(self) -> None:
        """Meet the unit that was decided last once more."""
        self.row["outcome"] = "hit"
        self.call(1000, 900)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path)


@pytest.fixture
def two(build: Build) -> Build:
    """A unit with a candidate of each fate, a hit on it, and a unit that stayed as it was."""
    build.unit(
        "a.c",
        1000,
        900,
        [
            candidate(GOOD, sizes(890), sizes(880), "user: it says no", [*PASSED, ("user", "fail", "it says no")]),
            candidate(GOOD, sizes(900), sizes(900), "", PASSED),
            candidate(OTHER, sizes(901)),
            candidate(OTHER, sizes(1000)),
            candidate(OTHER, sizes(800, rodata=999)),
            candidate(OTHER, None, None, "LLVM ended by signal 11"),
            candidate(OTHER, sizes(800), None, "code generation failed: no"),
            candidate(OTHER, sizes(800), None, "3 better recipes without a certificate were enough"),
            candidate(OTHER, sizes(800), sizes(1001), "the real object is not smaller"),
            candidate(OTHER, sizes(8), sizes(8), "structure: f is gone", [("structure", "fail", "f is gone")]),
            candidate(OTHER, sizes(8), sizes(8), "new: x", [("new", "fail", "x")]),
        ],
    )
    build.hit()
    build.unit("b.c", 3000, 3000, [candidate(GOOD, sizes(3000))], folder="/p/lib")
    return build


def test_units_are_as_the_log_saw_them_last(two: Build) -> None:
    report = read_log(two.log, two.store)
    assert [(report.name_of(u), u.before.size, u.after.size, u.saved) for u in report.units] == [
        ("src/a.c", 1004, 904, 100),
        ("lib/b.c", 3004, 3004, 0),
    ]
    assert (report.before, report.after, report.folder) == (4008, 3908, "/p")
    assert report.mean == pytest.approx(100 / 1004 / 2)
    # A hit decides nothing: the time is that of the decision before it.
    assert [u.seconds for u in report.units] == [2.5, 2.5]
    assert report.calls_of("hit") == 1
    assert report.seconds_of("kept", "fallback") == 5.0
    assert [(f.name, f.units, f.before, f.after) for f in counts.folders(report)] == [
        ("lib", 1, 3004, 3004),
        ("src", 1, 1004, 904),
    ]


def test_every_candidate_has_its_fate(two: Build) -> None:
    (unit, _) = read_log(two.log, two.store).units
    assert [attempt.fate for attempt in unit.attempts] == [
        Fate.USER,
        Fate.KEPT,
        Fate.NOT_NEEDED,
        Fate.NOT_SMALLER,
        Fate.NOT_SMALLER,
        Fate.NOT_APPLIED,
        Fate.NOT_COMPILED,
        Fate.NOT_CERTIFIED,
        Fate.OBJECT_NOT_SMALLER,
        Fate.STRUCTURE,
        Fate.OTHER_GATE,
    ]
    assert unit.attempts[0].evidence == "it says no"
    assert all(fate.sentence for fate in Fate)


def test_fates_and_passes_are_counted(two: Build) -> None:
    report = read_log(two.log, two.store)
    counted = {row.fate: (row.candidates, row.units) for row in counts.fates(report)}
    assert counted[Fate.NOT_SMALLER] == (3, 2)
    assert sum(candidates for candidates, _ in counted.values()) == 12
    uses = {use.name: (use.tried, use.kept, use.saved) for use in counts.pass_uses(report)}
    assert uses == {"gvn": (3, 1, 100), "-disable-lsr": (3, 1, 100), "mergefunc": (9, 0, 0)}
    assert [(use.name, use.tried) for use in counts.recipe_uses(report)] == [(GOOD, 3), (OTHER, 9)]


def test_the_cache_alone_has_the_same_units(two: Build) -> None:
    with_log, without = read_log(two.log, two.store), read_cache(two.store)
    assert [(u.source, u.saved, u.attempts) for u in without.units] == [
        (u.source, u.saved, u.attempts) for u in with_log.units
    ]
    assert without.calls_of("hit") == 1
    assert without.seconds_of("kept") == 2.5
    assert not without.timed


def test_the_log_alone_knows_what_was_kept(two: Build, tmp_path: Path) -> None:
    report = read_log(two.log, Store(os.fsencode(tmp_path / "none")))
    assert (report.before, report.after, counts.fates(report)) == (4008, 3908, [])
    assert [(use.name, use.tried, use.kept) for use in counts.recipe_uses(report)] == [(GOOD, 1, 1)]
    words = Markup(render(report)).words
    assert words[words.index("Candidates tried") + 1] == "not known"
    assert GOOD in words
    assert not (tmp_path / "none").exists()


def test_statistics_that_were_folded_count_and_requests_are_no_calls(two: Build) -> None:
    before = read_cache(two.store)
    assert tally.fold(two.store, b"stats")
    folded = read_cache(two.store)
    assert (folded.calls, folded.periods) == (before.calls, ())
    two.store.append_line(b"stats", b"request remote-hit 0 0 7\n")
    two.store.append_line(b"stats", b"remote kept 1004 904 800\n")
    two.store.append_line(b"stats", b"kept kept 1004 90")
    after = read_cache(two.store)
    assert [(p.hits, p.decided, p.passed) for p in after.periods] == [(1, 0, 0)]
    assert (after.calls_of(*data.FOUND), after.calls_of(*data.DECIDED)) == (2, 2)
    assert after.seconds_of("remote") == 0.8


def test_to_report_is_no_use_of_the_cache(two: Build, tool: Callable[..., Any]) -> None:
    files = [path for path in Path(os.fsdecode(two.store.directory)).rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (1e9, 1e9))
    assert tool("--json").returncode == 0
    assert {path.stat().st_mtime for path in files} == {1e9}


def test_of_several_decisions_on_one_object_the_index_tells_the_last(build: Build) -> None:
    keys = [build.unit("a.c", before, 900, []) for before in (1000, 1100, 1200, 1050)]
    assert len(set(keys)) == 4
    assert [unit.before.size for unit in read_cache(build.store).units] == [1054]


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{", b"[]", b"1", b"null", b"\xff\xfe", b'{"time": "x"}',
        b'{"time": 1, "outcome": "kept", "reason": "r", "source": 1}',
        b'{"time": 1e999, "outcome": "hit", "reason": "kept"}', b'{"time": -1, "outcome": "hit", "reason": "kept"}',
        b'{"time": 1, "outcome": "kept", "reason": "r", "cwd": "/", "source": "a", "output": "o", "ir": "",'
        b' "recipe": "", "baseline": {"text": -1, "rodata": 0, "data": 0, "unwind": 0, "bss": 0}, "result": {}}',
        b'{"time": 1, "seconds": 1e300, "outcome": "hit", "reason": "kept"}',
        b'{"time": 1, "outcome": "kept", "reason": "r", "cwd": "/", "source": "a", "output": "o", "ir": "",'
        b' "recipe": "", "baseline": {"text": 1' + b"0" * 400 + b', "rodata": 0, "data": 0, "unwind": 0, "bss": 0}}',
        b'{"a":' * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_line_is_counted_and_left_out(two: Build, line: bytes) -> None:
    good = read_log(two.log, two.store)
    with two.log.open("ab") as file:
        file.write(line + b"\n")
    report = read_log(two.log, two.store)
    assert (report.units, report.unreadable) == (good.units, good.unreadable + 1)
    assert "1 lines or records could not be read" in render(report)


def test_a_damaged_record_is_counted_and_left_out(two: Build) -> None:
    key = two.store.records(b"decisions")[0]
    for details in (b"{", b"{}", b"[1]", b'{"cwd": 1}'):
        record = DecisionRecord(True, reasons.KEPT, "0" * 32, True, 2, 1, details)
        record.save(two.store, digest_of(details))
    good = DecisionRecord.load(two.store, key)
    assert good is not None
    good.details = good.details.replace(b'"rodata": 10', b'"rodata": -1')
    good.save(two.store, key)
    report = read_cache(two.store)
    assert (len(report.units), report.unreadable) == (1, 5)
    from_log = read_log(two.log, two.store)
    assert [bool(unit.attempts) for unit in from_log.units].count(True) == 1


def test_periods_hold_every_call() -> None:
    events = [Event(float(n * n), "hit" if n % 3 else "kept" if n % 2 else "passthrough", "", None) for n in range(500)]
    periods = count_periods(events)
    assert len(periods) == MOST_PERIODS
    assert [sum(getattr(p, kind) for p in periods) for kind in ("hits", "decided", "passed")] == [333, 83, 84]
    assert all(a.last == pytest.approx(b.first) for a, b in pairwise(periods))
    assert [(p.hits, p.decided) for p in count_periods([Event(7.0, "hit", "", None)])] == [(1, 0)]
    assert count_periods([]) == ()


@pytest.mark.parametrize("values", [[5, 3, 1], [1], [9, 9, 9, 9, 1, 0, 0], [0], [], [10_000, *[1] * 300]])
def test_a_tree_map_gives_each_its_area(values: list[int]) -> None:
    whole = Box(10.0, 20.0, 100.0, 50.0)
    boxes = squarify(values, whole)
    assert len(boxes) == len(values)
    for value, box in zip(values, boxes, strict=True):
        assert box.width * box.height == pytest.approx(5000 * value / (sum(values) or 1), abs=1e-6)
        assert box.x >= 10 - 1e-6
        assert box.y >= 20 - 1e-6
        assert box.x + box.width <= 110 + 1e-6
        assert box.y + box.height <= 70 + 1e-6
    for at, one in enumerate(boxes):
        for other in boxes[:at]:
            wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert min(wide, high) < 1e-6, "they overlap"


def test_boxes_of_a_tree_map_are_nearly_square() -> None:
    """Also where nothing is left of some, which stand between the others to be comparable."""
    values = [90 - n if n % 7 else 0 for n in range(60)]
    boxes = [box for box in squarify(values, Box(0.0, 0.0, 1000.0, 560.0)) if box.width]
    assert len(boxes) == sum(map(bool, values))
    assert max(max(box.width / box.height, box.height / box.width) for box in boxes) < 4


def test_colours_go_by_saving() -> None:
    assert [saving_class(1000, n) for n in (1001, 1000, 999, 970, 940, 880, 700, 0)] == [
        "grew", "s0", "s1", "s2", "s3", "s4", "s5", "s5",
    ]  # fmt: skip


def test_symbols_of_two_images_are_compared(clang: Any, tmp_path: Path) -> None:
    source = (
        "int shrinks(int n) { int s = 0; for (int i = 0; i < n; i++) s += i * i %s; return s; }\nint data[%d] = {1};\n"
    )
    clang.compile(source % ("* n + s * 3 + (s ^ 77) / (n | 1)", 8), tmp_path / "before.o", "-Oz", "-ffunction-sections")
    clang.compile(source % ("", 9), tmp_path / "after.o", "-Oz", "-ffunction-sections")
    image = compare_images(tmp_path / "before.o", tmp_path / "after.o")
    rows = {(s.section, s.name): (s.before, s.after) for s in image.symbols}
    before, after = rows[".text.shrinks", "shrinks"]
    assert before > after > 0
    assert rows[".data", "data"] == (32, 36)
    assert image.symbols[0].name == "shrinks"
    assert image.symbols[-1].name == "data"
    assert sum(s.before for s in image.symbols if s.section.startswith(".text")) == image.before.text
    clang.run([tmp_path / "before.o", "-shared", "-o", tmp_path / "linked.so"])
    assert any(s.name == "shrinks" for s in compare_images(tmp_path / "linked.so", tmp_path / "linked.so").symbols)
    subprocess.run([clang.tool("llvm-strip"), tmp_path / "linked.so"], check=True)
    for wrong, words in (("linked.so", "no symbols"), ("before.c", "cannot be compared"), ("none", "cannot be read")):
        with pytest.raises(UserError, match=words):
            compare_images(tmp_path / "before.o", tmp_path / wrong)


class Markup(HTMLParser):
    """Reads a page: every element is closed in order; names of elements, attributes and the text outside scripts."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.words.append(data)


@pytest.fixture
def hostile(build: Build) -> Report:
    """Names and evidence that want to be something else."""
    for number, name in enumerate(HOSTILE):
        evidence = f"</td></table><script>{name}"
        gates = [("structure", "fail", evidence)]
        rejected = candidate(f"{name},(", sizes(8), sizes(8), f"structure: {evidence}", gates)
        build.unit(name, 1000 + number, 900, [rejected], folder="/p")
    return read_log(build.log, build.store)


def test_a_page_is_one_file_whatever_is_in_it(hostile: Report) -> None:
    page = render(hostile)
    page.encode("utf-8")
    markup = Markup(page)
    assert len(hostile.units) == len(HOSTILE)
    assert [tag for tag, _ in markup.tags].count("script") == 2
    names = {name for _, attributes in markup.tags for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"style", "src", "srcset", "action"}
    assert all((a["href"] or "").startswith("#") for tag, a in markup.tags if "href" in a)
    assert not re.search(r"https?:|url\(|@import", page)
    for name in HOSTILE:
        assert shown(name) in markup.words
    targets = [a["id"] for _, a in markup.tags if "id" in a]
    assert len(targets) == len(set(targets))
    assert {a["href"] for _, a in markup.tags if "href" in a} <= {f"#{name}" for name in targets}


def test_shown_is_one_printable_line() -> None:
    assert [shown(name) for name in HOSTILE[2:4]] == ["two\\x0alines\\x09\\x1b[31m.c", "latin-\\xe9\\xff.c"]
    assert shown("größe ✓.c") == "größe ✓.c"
    assert all(shown(name).isprintable() for name in HOSTILE)
    assert shown("\ud800\u202e\U000e0001") == "\\ud800\\u202e\\U000e0001"


def test_text_cannot_move_the_cursor(hostile: Report) -> None:
    text = plain.as_text(hostile)
    assert text.replace("\n", "").isprintable()
    assert text.splitlines()[3].startswith("unit ")


def test_json_gives_names_back(hostile: Report) -> None:
    facts = json.loads(plain.as_json(hostile))
    assert {unit["source"].removeprefix("/p/") for unit in facts["units"]} == set(HOSTILE)
    assert os.fsencode("/p/" + HOSTILE[3]) in [os.fsencode(unit["source"]) for unit in facts["units"]]
    assert facts["clang_bytes"] - facts["llmcc_bytes"] == sum(unit["saved"] for unit in facts["units"])
    assert facts["fates"] == [{"fate": "gate-structure", "candidates": len(HOSTILE), "units": len(HOSTILE)}]


def test_csv_has_a_row_for_each_unit_and_no_formula(hostile: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(plain.as_csv(hostile))))
    assert {row["source"] for row in rows} == {in_csv(name) for name in HOSTILE}
    assert "./=cmd(A1).c" in {row["source"] for row in rows}
    assert all(int(row["clang_bytes"]) - int(row["llmcc_bytes"]) == int(row["saved_bytes"]) for row in rows)
    assert all(int(row["clang_text"]) + int(row["clang_data"]) == int(row["clang_bytes"]) for row in rows)


def test_markdown_is_a_short_table(hostile: Report, build: Build) -> None:
    def cells(line: str) -> list[str]:
        return re.split(r"(?<!\\)\|", line)

    lines = plain.as_markdown(hostile).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == len(HOSTILE) + 3
    assert {len(cells(line)) for line in table} == {6}
    for name in HOSTILE:
        assert in_markdown(name) in plain.as_markdown(hostile)
    # Nothing in it is markup, and reading the entities gives the name.
    words = in_markdown(HOSTILE[4])
    assert not set("|`*_[]()@#\\\"'") - {"#"} & set(re.sub(r"&#\d+;|</?code>", "", words))
    assert html.unescape(words.removeprefix("<code>").removesuffix("</code>")) == HOSTILE[4]
    assert in_markdown("src/json.c") == "`src/json.c`"
    for number in range(50):
        build.unit(f"{number}.c", 1000, 900, [])
    lines = plain.as_markdown(read_log(build.log, build.store)).splitlines()
    assert len(lines) < 32
    assert sum(int(cells(line)[2].replace(",", "")) for line in lines[4:-3]) == int(
        cells(lines[-3])[2].replace(",", "")
    )


@pytest.fixture
def tool(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[bytes]"]:
    def run(*args: str | Path, **environment: str) -> "subprocess.CompletedProcess[bytes]":
        env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LLMCC_DIR": str(tmp_path / "cache"), **environment}
        return subprocess.run([TOOL, "report", *args], cwd=tmp_path, env=env, capture_output=True, check=False)

    return run


@pytest.mark.parametrize("form", ["text", "json", "csv", "html", "markdown"])
def test_equal_data_gives_equal_reports(two: Build, tool: Callable[..., Any], tmp_path: Path, form: str) -> None:
    written = []
    for name in ("1", "2"):
        done = tool("--log", two.log, "--format", form, "--out", name)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    done = tool("--format", form, "--out", "-", LLMCC_LOG=str(two.log))
    assert (done.returncode, done.stdout) == (0, written[0])


def test_where_a_report_goes(two: Build, tool: Callable[..., Any], tmp_path: Path) -> None:
    done = tool("--title", "Nightly <b>", "--date", "2026-01-02")
    assert done.stdout == b"llmcc-report.html: 2 units, 4008 bytes by clang, 3908 by llmcc\n"
    page = (tmp_path / "llmcc-report.html").read_text()
    assert "<title>Nightly &lt;b&gt;</title>" in page
    assert "2026-01-02 · from the cache" in page
    facts = tool("--json")
    assert json.loads(facts.stdout)["llmcc_bytes"] == 3908
    assert facts.stdout == tool("--format", "json").stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "llmcc-report.html", "log.jsonl"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], b"has no decision yet; build something with CC=llmcc, or name a log: --log FILE"),
        (
            ["--log", "none"],
            b"the log none cannot be read (No such file or directory); build with LLMCC_LOG=none first",
        ),
        (["--log", "empty"], b"the log empty tells of no unit"),
    ],
)
def test_bad_requests_are_one_sentence(tool: Callable[..., Any], tmp_path: Path, args: list[str], words: bytes) -> None:
    (tmp_path / "empty").touch()
    done = tool(*args)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert words in done.stderr
    assert not (tmp_path / "llmcc-report.html").exists()


def test_a_place_that_cannot_be_written_is_one_sentence(two: Build, tool: Callable[..., Any]) -> None:
    done = tool("--out", "no/such/folder.html")
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert b"no/such/folder.html cannot be written (No such file or directory); name another file" in done.stderr
