"""A build recorded, searched (on processes, on a real Ray) and measured: what mining and `bench --corpus` do."""

import json
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from llmcc.certify.certificate import read_shipped
from llmcc.tune.corpus import Unit, read_units
from llmcc.tune.engine import Engine
from llmcc.tune.evaluate import UnitResult, evaluate, read_results
from llmcc.tune.mine import merged
from toolchain.passes import Recipe

PLAN = [Recipe.parse(text) for text in ("<clang>,mergefunc", "<clang> | -disable-lsr -enable-pre=false")]
COUNTS = ("1", "2", "4", "8", "16", "32")


@pytest.fixture
def recorded(work, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The units of two sources, for this machine, for a Cortex-M0+ and for RISC-V."""
    folder = work.root / "recorded"
    work.sources("json.c", "token.c")
    # It is not for a microcontroller: no C library of one has its header.
    work.file("host.c", "#include <sys/epoll.h>\nint f(int a) { return epoll_create(a); }\n")
    work.env |= {"LLMCC_RECORD": str(folder), "LLMCC_RECORD_CPUS": "cortex-m0plus,rv32imac", "LLMCC_CANDIDATES": "0"}
    for source in ("json.c", "token.c", "host.c"):
        assert work.llmcc("-Oz", "-c", source).code == 0
    del work.env["LLMCC_RECORD"], work.env["LLMCC_RECORD_CPUS"]
    # Units are opened in this process, with the cache of whoever runs it.
    monkeypatch.setenv("XDG_CACHE_HOME", str(work.root / "home"))
    return folder


def native(folder: Path) -> list[Unit]:
    return [unit for unit in read_units(folder) if unit.target not in ("thumbv6m", "riscv32")]


def facts(results: Sequence[UnitResult]) -> list[object]:
    """What a result says but for the time it took."""
    return sorted((r.unit, r.baseline, [(recipe, m, error) for recipe, m, _, error in r.trials]) for r in results)


def test_a_build_is_recorded_for_a_microcontroller_too(recorded):
    units = read_units(recorded)
    assert Counter(unit.target for unit in units) == {native(recorded)[0].target: 3, "thumbv6m": 2, "riscv32": 2}
    assert {unit.package for unit in units} == {recorded.name}
    jobs = {unit.target: unit.job() for unit in units}
    assert jobs["thumbv6m"].value(b"-target-cpu") == b"cortex-m0plus"
    assert jobs["riscv32"].value(b"-target-abi") == b"ilp32"


def test_processes_and_ray_measure_alike(recorded, tmp_path):
    units = read_units(recorded)
    for kind in ("local", "ray"):
        evaluate(units, lambda _unit: PLAN, "both", tmp_path / f"{kind}.jsonl", Engine(2, kind), tries=6)
    local, ray = (list(read_results(tmp_path / f"{kind}.jsonl")) for kind in ("local", "ray"))
    assert facts(ray) == facts(local)
    assert {result.unit for result in local} == {unit.name for unit in units}
    for result in local:
        assert result.baseline.size > 0
        assert {*PLAN} < {recipe for recipe, _, _, _ in result.trials}
        assert any(measured for _, measured, _, _ in result.trials)


def test_a_search_goes_on_where_it_was_stopped(recorded, tmp_path):
    units, out = native(recorded), tmp_path / "results.jsonl"
    evaluate(units[:1], lambda _unit: PLAN, "some", out, Engine(1))
    with out.open("a") as file:
        file.write('{"unit": "cut o')
    before = list(read_results(out))
    evaluate(units, lambda _unit: PLAN, "some", out, Engine(2))
    after = list(read_results(out))
    assert after[: len(before)] == before
    assert [result.unit for result in after] == [unit.name for unit in units]


@pytest.fixture
def corpus(recorded, tmp_path) -> Path:
    """The native units as a corpus, all of them for mining."""
    folder = tmp_path / "corpus"
    (folder / "p").mkdir(parents=True)
    for unit in native(recorded):
        for path in (unit.path, unit.path.with_suffix(".cmd")):
            (folder / "p" / path.name).write_bytes(path.read_bytes())
    modules = [f"p/{unit.path.stem}" for unit in native(recorded)]
    (folder / "corpus_description.json").write_text(json.dumps({"modules": modules, "splits": {"p": "mine"}}))
    return folder


def test_what_has_a_certificate_is_screened_without_the_suite(work, corpus, clang, tmp_path):
    known = [recipe for recipe, found in read_shipped(clang.major, "x86-64").items() if found.passed][:3]
    (tmp_path / "coreset.json").write_text(json.dumps([str(recipe) for recipe in known]))
    words = ["--smallest", "100", "--largest", "10000000", "--times", "2"]
    done = tool(work, "search", corpus, "--out", tmp_path, *words, "--stage", "repeat", "screen")
    assert (done.code, b"programs:" in done.stderr) == (0, False), done.stderr
    assert b"3 of 3 recipes give the same objects 2 times" in done.stdout
    assert json.loads((tmp_path / "screened.json").read_text()) == [str(recipe) for recipe in known]


def test_every_round_of_refining_tries_the_units_again(work, recorded, corpus, tmp_path):
    """What the first round found is the bank of the second, which begins from the same units."""
    out = tmp_path / "run"
    out.mkdir()
    modules = [f"p/{unit.path.stem}" for unit in native(recorded)]
    (out / "screened.json").write_text(json.dumps([str(recipe) for recipe in PLAN]))
    words = ["--smallest", "100", "--largest", "10000000"]
    stages = ["search", corpus, "--out", out, "--tries", "30", *words, "--stage"]
    assert tool(work, *stages, "extend").code == 0
    for number in (1, 2):
        done = tool(work, *stages, "refine", "grow")
        assert done.code == 0, done.stderr
        for name in ("refine", "grow"):
            rows = [row.unit for row in read_results(out / f"{name}.jsonl")]
            assert Counter(rows) == dict.fromkeys(modules, number)
        grown = (out / "coreset.json").read_text()
        assert json.loads(grown)[:2] == [str(recipe) for recipe in PLAN]
        assert len(json.loads(grown)) > 2
        (out / "screened.json").write_text(grown)


def test_what_is_best_for_all_units_is_searched_for(work, recorded, corpus, tmp_path):
    """The first of the recipes saves more of all units than any that the search began with, and goes on where it was
    stopped: all rounds are there already."""
    out = tmp_path / "run"
    out.mkdir()
    (out / "screened.json").write_text(json.dumps([str(recipe) for recipe in PLAN]))
    words = ["--smallest", "100", "--largest", "10000000", "--tries", "16", "--general-rounds", "1"]
    done = tool(work, "search", corpus, "--out", out, *words, "--stage", "general")
    assert done.code == 0, done.stderr
    results = merged(read_results(out / "general.jsonl"))
    assert {row.unit for row in results} == {f"p/{unit.path.stem}" for unit in native(recorded)}
    grown = [Recipe.parse(text) for text in json.loads((out / "coreset.json").read_text())]
    assert grown[:2] == PLAN
    sums = {recipe: sum(saving(row, recipe) for row in results) for recipe in grown}
    assert max(sums[recipe] for recipe in grown[2:]) > max(sums[recipe] for recipe in PLAN)
    before = (out / "general.jsonl").read_bytes()
    again = tool(work, "search", corpus, "--out", out, *words, "--stage", "general")
    assert (again.stdout, (out / "general.jsonl").read_bytes()) == (done.stdout, before)


def saving(row: UnitResult, recipe: Recipe) -> float:
    return next(row.saving(measured) for tried, measured, _, _ in row.trials if tried == recipe)


def tool(work, *args: str | Path):
    return work.run([work.bin / "llmcc-tool", *args])


def test_the_curves_say_what_was_measured(work, recorded, tmp_path):
    out, plot = tmp_path / "out", tmp_path / "curves.svg"
    words = ["--smallest", "100", "--largest", "10000000", "--compilations", "24", "--uncertified"]
    done = tool(work, "bench", "--corpus", recorded, "--out", out, *words, "--plot", plot, "--json")
    assert done.code == 0, done.stderr
    told = {facts["target"]: facts for facts in json.loads(done.stdout)["targets"]}
    assert len(told) == 3
    for target, facts in told.items():
        results = {batch: [r for r in read_results(out / f"{target}.jsonl") if r.batch == batch] for batch in BATCHES}
        best = {batch: [max(r.saving(m) for _, m, _, _ in r.trials) for r in rows] for batch, rows in results.items()}
        assert facts["units"] == len(best["recipes"]) == (3 if target == "x86_64" else 2)
        assert facts["recipes"] == len(results["recipes"][0].trials)
        for batch, name in BATCHES.items():
            assert facts[name]["mean"] == pytest.approx(100 * sum(best[batch]) / len(best[batch]), abs=0.001)
        for name in ("model", "fixed", "random"):
            curve = [facts[name][n]["mean"] for n in COUNTS]
            assert curve == sorted(curve)
            assert curve[-1] <= facts["every"]["mean"] + 0.001
        # Eight recipes are all that this model has.
        assert facts["model"]["8"] == facts["fixed"]["8"] == facts["every"]
        drawn = ElementTree.parse(plot.with_stem(f"curves-{target}"))
        assert drawn.getroot().tag.endswith("svg")
    again = tool(work, "bench", "--corpus", recorded, "--out", out, *words)
    assert again.code == 0, again.stderr
    assert b"units left" not in again.stderr
    for target, facts in told.items():
        assert f"{target}: {facts['units']} units of 1 projects" in again.stdout.decode()


BATCHES = {"recipes": "every"} | {name: name for name in ("search", "random search", "plain random search")}


def test_the_curves_want_units_and_certificates(work, recorded, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    done = tool(work, "bench", "--corpus", empty, "--out", tmp_path / "out")
    assert (done.code, done.stderr.count(b"\n")) == (2, 1)
    assert b"LLMCC_RECORD" in done.stderr
    done = tool(work, "bench", "--corpus", recorded)
    assert done.code == 2
    assert b"--out" in done.stderr
    done = tool(work, "bench", "--corpus", recorded, "--out", tmp_path / "out", "--target", "sparc")
    assert done.code == 2
    assert b"no unit of that target" in done.stderr
