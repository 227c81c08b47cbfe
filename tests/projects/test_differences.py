"""What `make projects` must notice between two builds, and what it must not."""

import copy
from pathlib import Path

import pytest

from llmcc.tune.packages import Package
from tests.projects.build import Built, Phase, build
from tests.projects.differences import differences, good, plain, rebuild_differences, results
from tests.projects.listing import Project

NAMES = ({"CC": "/usr/bin/clang", "CXX": "/usr/bin/clang++"}, {"CC": "/opt/llmcc", "CXX": "/opt/llmcc++"})
PROJECT = Project(Package("p", "held-out", ("make",), ""), "make", "C", ("make check",))


@pytest.fixture
def pair(clang, tmp_path: Path) -> tuple[Built, Built]:
    """Two equal builds, but for the compiler's name."""
    made = clang.compile("int f(int x) { return x + 1; }\n", tmp_path / "a.o", "-Oz")

    def built(compiler: str) -> Built:
        return Built(
            tmp_path,
            {
                "configure": Phase(),
                "build": Phase(stderr=f"{compiler}: warning: old\n".encode()),
                "test": Phase(stdout=b"PASS: one\nFAIL: two\n"),
            },
            {"config.h": b"#define HAVE_X 1\n", "config.log": f"$ {compiler} -c conftest.c\n".encode()},
            {name: {"config.h": "1", "a.o": "2", "l": "link a.o"} for name in ("configure", "build", "test")},
            {"a.o": made},
        )

    return built("/usr/bin/clang"), built("/opt/llmcc")


def test_equal_builds_have_no_difference(pair: tuple[Built, Built]) -> None:
    assert differences(PROJECT, *pair, NAMES) == []


def test_each_difference_is_named(pair: tuple[Built, Built], clang, tmp_path: Path) -> None:
    def changed(change) -> list[str]:
        ours = copy.deepcopy(pair[1])
        change(ours)
        return differences(PROJECT, pair[0], ours, NAMES)

    def said(change) -> str:
        (sentence,) = changed(change)
        return sentence

    larger = clang.compile("int f(int x) { return x * x * x + 7; }\n", tmp_path / "b.o", "-Oz")
    assert "config.h: 1 lines of clang's are 1 others" in said(
        lambda b: b.configured.update({"config.h": b"#define HAVE_X 0\n"})
    )
    assert "build ends with 2 at 'make'" in said(lambda b: b.phases.update(build=Phase(2, failed="make")))
    assert "stderr: 1 lines of clang's are 0 others" in said(lambda b: b.phases.update(build=Phase()))
    assert "test one: PASS with clang, FAIL with llmcc" in said(
        lambda b: b.phases.update(test=Phase(stdout=b"FAIL: one\nFAIL: two\n"))
    )
    assert "PASS with clang, missing with llmcc" in said(lambda b: b.phases.update(test=Phase()))
    assert "after build: stray is there with llmcc only" in said(lambda b: b.files["build"].update(stray="3"))
    assert "a.o is there with clang only" in said(lambda b: b.files["test"].pop("a.o"))
    assert "link a.o with clang and 1 with llmcc" in said(lambda b: b.files["test"].update(l="1"))
    assert said(lambda b: b.objects.update({"a.o": larger})) == "object a.o is larger"


def test_a_rebuild_must_give_the_same_objects_and_words(pair: tuple[Built, Built], clang, tmp_path: Path) -> None:
    def rebuilt(change) -> list[str]:
        again = copy.deepcopy(pair[1])
        del again.phases["test"]
        change(again)
        return rebuild_differences(PROJECT, *pair, again, NAMES)

    other = clang.compile("int f(int x) { return x + 2; }\n", tmp_path / "b.o", "-Oz")
    assert rebuilt(lambda b: None) == []
    assert rebuilt(lambda b: b.objects.update({"a.o": other})) == ["rebuilt: object a.o is another"]
    (silent,) = rebuilt(lambda b: b.phases.update(build=Phase()))
    assert silent.startswith("rebuilt: stderr: 1 lines of clang's are 0 others")
    (broken,) = rebuilt(lambda b: b.phases.update(configure=Phase(1, failed="./configure")))
    assert broken == "rebuilt: configure ends with 1 at './configure'"


def test_what_clang_cannot_build_is_not_held_against_llmcc(pair: tuple[Built, Built]) -> None:
    clang, ours = pair
    for built in pair:
        built.phases = {"configure": Phase(), "build": Phase(2)}
    ours.files["build"]["half"] = "3"
    assert differences(PROJECT, clang, ours, NAMES) == []


def test_results_of_every_kind_of_suite_are_read() -> None:
    output = b"""\
PASS: check-one.sh
XPASS: odd
...diff ./test/a.c
 3/11 Test  #3: parse_array ......................   Passed    0.01 sec
 4/11 Test  #4: parse_object .....................***Failed    0.00 sec
 1/2 test_driver                         OK              0.31s
 2/2 rtpw                                FAIL            0.02s   exit status 1
PASS: check-one.sh
"""
    found = results(output)
    assert [name for name, result in found.items() if good(result)] == [
        "check-one.sh", "parse_array", "test_driver", "check-one.sh (2)"
    ]  # fmt: skip
    assert len(found) == 8


def test_names_drawn_by_chance_and_times_are_no_difference() -> None:
    one = b"cmTC_a1b2c in TryCompile-Xyz12, /tmp/conftest-0a1b2c.o, 0.31s at 2026-01-02T03:04:05"
    two = b"cmTC_99999 in TryCompile-abc34, /tmp/conftest-ffffff.o, 12 s at 2027-11-12T13:14:15"
    assert plain(one, NAMES[0]) == plain(two, NAMES[1])
    assert plain(b"HAVE_X 1", NAMES[0]) != plain(b"HAVE_X 0", NAMES[1])


def test_a_failing_phase_ends_a_build_and_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "given").write_text("x")
    commands = ("echo made > made; echo word >&2", "exit 3", "touch never")
    project = Project(Package("p", "held-out", commands, "", ("echo 1 > config.h",)), "make", "C", ("touch tested",))
    built = build(project, source, tmp_path / "build", {"LLMCC_DISABLE": "1"}, 1)
    assert built.phases["build"].status == 3
    assert built.phases["build"].failed == "exit 3"
    assert built.phases["build"].stderr == b"word\n"
    assert "test" not in built.phases
    assert built.configured == {"config.h": b"1\n"}
    assert set(built.files["build"]) == {"given", "config.h", "made"}
