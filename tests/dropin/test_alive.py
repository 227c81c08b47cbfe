"""`llmcc-tool explain --alive`. Alive2 is in no package of Debian: a program takes alive-tv's place that reads
both modules with LLVM's own tools and answers in alive-tv's words as it is told to."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(sys.executable).parent / "llmcc-tool"
CHANGES = "<clang>,function(loop-simplify) | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"

ALIVE = """#!/bin/sh
# One function of two modules: both must be readable and define it.
for word; do
  case $word in
    --func=*) name=${{word#--func=}} ;;
    -*) ;;
    *) {opt} -S -passes=verify "$word" -o - | grep -q "^define .*@$name(" || {{ echo "ERROR: no $name"; exit 1; }} ;;
  esac
done
echo "$name" >> {asked}
{answer}
"""
CORRECT = "c=1 i=0 f=0"
WRONG = 'echo "Transformation does not verify!"; echo "ERROR: Value mismatch"; c=0 i=1 f=0'
TIMEOUT = 'echo "ERROR: Timeout"; c=0 i=0 f=1'
SUMMARY = """
printf 'Summary:\\n  %d correct transformations\\n  %d incorrect transformations\\n' $c $i
printf '  %d failed-to-prove transformations\\n  0 Alive2 errors\\n' $f"""


@pytest.fixture
def unit(work, make_model):
    work.sources("json.c")
    work.env["LLMCC_MODEL"] = str(make_model(CHANGES))
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert [outcome for outcome, _ in work.outcomes()] == ["kept"]
    return work


def explain(work, clang, answer: str, *words: str) -> subprocess.CompletedProcess[str]:
    folder = work.folder.parent / "alive"
    folder.mkdir(exist_ok=True)
    program = folder / "alive-tv"
    opt = clang.tool("opt")
    program.write_text(ALIVE.format(opt=opt, asked=folder / "asked", answer=answer + SUMMARY))
    program.chmod(0o755)
    env = work.env | {"PATH": f"{folder}:{work.env['PATH']}"}
    argv = [TOOL, "explain", "--alive", *words, work.folder / "json.o"]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def test_every_changed_function_is_asked_about(unit, clang):
    done = explain(unit, clang, CORRECT, "--json")
    proofs = json.loads(done.stdout)["alive"]
    assert (done.returncode, done.stderr) == (0, "")
    asked = (unit.folder.parent / "alive" / "asked").read_text().split()
    assert asked
    assert [proof["function"] for proof in proofs] == asked
    assert {proof["proof"] for proof in proofs} == {"correct"}
    # Not the functions that clang's own pipeline leaves alike.
    defined = {name for name, *_ in unit.shape_of(unit.read("json.o")).defined}
    assert defined - set(asked)


def test_a_wrong_function_is_named_and_the_exit_status_tells(unit, clang):
    done = explain(unit, clang, WRONG)
    assert done.returncode == 1
    assert "0 correct, " in done.stdout
    assert ": ERROR: Value mismatch" in done.stdout


def test_a_proof_that_is_not_found_says_nothing(unit, clang):
    done = explain(unit, clang, TIMEOUT)
    assert done.returncode == 0
    assert "cannot tell: " in done.stdout
    assert "0 wrong" in done.stdout


def test_without_alive_tv_there_is_one_sentence(unit):
    done = unit.run([TOOL, "explain", "--alive", "json.o"])
    assert (done.code, done.stdout) == (2, b"")
    assert b"alive-tv is not on PATH" in done.stderr
