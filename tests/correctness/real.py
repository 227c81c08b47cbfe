"""Call real code with the twin gate: how many calls tell something, and how many sound candidates it rejects.

`python -m tests.correctness.real CORPUS` takes units of a corpus (made by `llmcc-tool corpus`) and, for each,
certified recipes by seed. A rejection of a certified recipe's object is taken for a false one, and printed.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from cache.store import Store
from llmcc import config, fingerprint
from llmcc.certify.certificate import read_shipped
from llmcc.gates import Outcome
from llmcc.model import Ranker
from llmcc.pipelines import remembered_pipeline
from llmcc.tune.corpus import Unit, read_corpus
from llmcc.twin.gate import Twins
from toolchain import discover
from toolchain.apply import Limits, make_object, open_module
from toolchain.errors import ToolchainError
from toolchain.passes import NULL_RECIPE, Recipe

LIMITS = Limits(seconds=20.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--units", type=int, default=60)
    parser.add_argument("--each", type=int, default=3, help="recipes per unit (default 3)")
    parser.add_argument("--largest", type=int, default=60000, help="most bytes of bitcode (default 60000)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    units = [unit for unit in read_corpus(args.corpus) if unit.length <= args.largest]
    units = chance.sample(units, min(args.units, len(units)))
    clang = config.choose_clang(os.environb.get(b"LLMCC_CLANG", b""), os.environb.get(b"PATH", b""))
    directory = os.fsencode(config.default_directory())
    toolchain = discover.describe(clang, os.path.join(directory, b"toolchains"))
    certified = read_shipped(toolchain.major, "x86-64")
    known = [r for r in Ranker(fingerprint.SHIPPED_MODEL).recipes if r in certified and certified[r].passed]
    outcomes: Counter[str] = Counter()
    words: Counter[str] = Counter()
    calls = [0, 0]
    spent = 0.0
    for unit in units:
        for recipe, outcome, evidence, seconds in _judge(
            unit, toolchain, Store(directory), chance.sample(known, args.each)
        ):
            outcomes[outcome.value] += 1
            spent += seconds
            if outcome is Outcome.FAIL:
                print(f"rejected: {unit.name} {recipe}\n    {evidence}")
            elif outcome is Outcome.SKIP:
                words[evidence.split(":")[0][:60]] += 1
            else:
                telling, _, total, *_ = evidence.split()
                calls = [calls[0] + int(telling), calls[1] + int(total)]
    judged = outcomes["pass"] + outcomes["fail"]
    print(f"{len(units)} units, {sum(outcomes.values())} candidates: {dict(outcomes)}")
    print(f"false rejections: {outcomes['fail']} of {judged} judged ({100 * outcomes['fail'] / max(1, judged):.1f} %)")
    print(f"calls that tell: {calls[0]} of {calls[1]} ({100 * calls[0] / max(1, calls[1]):.0f} %)")
    print(f"seconds per candidate: {spent / max(1, sum(outcomes.values())):.2f}")
    for sentence, count in words.most_common():
        print(f"  skipped {count}: {sentence}")
    return 0


def _judge(
    unit: Unit, toolchain: discover.Toolchain, store: Store, recipes: list[Recipe]
) -> list[tuple[Recipe, Outcome, str, float]]:
    """The verdict on each recipe's object of one unit that is not clang's own, with the seconds it took."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        place, job = os.fsencode(folder), unit.job()
        baseline, candidate = os.path.join(place, b"baseline.o"), os.path.join(place, b"candidate.o")
        twins = Twins(toolchain, job, unit.module(), place)
        try:
            with open_module(toolchain, job, unit.module(), place, LIMITS) as applier:
                trials = list(applier.try_recipes([NULL_RECIPE, *recipes], remembered_pipeline(toolchain, store, job)))
        except ToolchainError:
            return []
        trials = [trial for trial in trials if trial.measurement is not None]
        trials.sort(key=lambda trial: trial.recipe != NULL_RECIPE)
        for trial in trials:
            path = baseline if trial.recipe == NULL_RECIPE else candidate
            if make_object(job, trial.bitcode, path, trial.recipe, LIMITS).returncode != 0:
                continue
            same = Path(os.fsdecode(path)).read_bytes() == Path(os.fsdecode(baseline)).read_bytes()
            if trial.recipe != NULL_RECIPE and not same:
                started = time.monotonic()
                verdict = twins.judge(baseline, path)
                found.append((trial.recipe, verdict.outcome, verdict.evidence, time.monotonic() - started))
    return found


if __name__ == "__main__":
    sys.exit(main())
