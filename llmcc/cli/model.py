"""Language models for LLMCC_MODEL: make the folder of one, compare two, say what one is.

  llmcc-tool model export facebook/llm-compiler-7b-ftd --out ftd --dtype fp16
  llmcc-tool model check ftd-int4 --reference ftd --corpus CORPUS
  llmcc-tool model ask emulate f.c --passes 'function(gvn)' --model ftd
  llmcc-tool model speed ftd

LLM Compiler's weights are Meta's to give: ask for them first.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from llmcc.cli import model_ask, model_speed
from llmcc.errors import UserError
from llmcc.lm.folder import Description, memory_needed, model_file, read_description
from llmcc.lm.prompt import FORMATS
from llmcc.tune.corpus import read_units
from llmcc.tune.export import DTYPES

_EXPORT = """\
Make the folder of a language model, for LLMCC_MODEL: through Optimum from a
model of the transformers library, or from a folder in fp32 with its weights
in another format.

  llmcc-tool model export facebook/llm-compiler-7b-ftd --out ftd
  llmcc-tool model export ftd --out ftd-int4 --dtype int4
"""

_CHECK = """\
Have two models write lists for the same units, and compare the lists and what
the best of them saves.

  llmcc-tool model check ftd-int4 --reference ftd --corpus CORPUS
"""

_ASK = """\
Have a model emulate passes on a file, or lift assembly to IR, and compare the
answer with what LLVM makes of it. Exit status 0 for an exact answer.

  llmcc-tool model ask emulate f.c --passes 'function(gvn)' --model ftd
  llmcc-tool model ask disassemble f.s --model ftd
"""

_SPEED = """\
Time a folder on a device: tokens a second for prompts and for answers, memory,
and the share of the memory's bandwidth that answers come to.

  llmcc-tool model export --random 32,4096,32,32016,16384 --dtype fp16 --out 7b
  llmcc-tool model speed 7b --device cuda
"""

_INFO = """\
Load a folder and say what it is, the memory it takes and where it really runs.

  llmcc-tool model info ftd --device cuda
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    export = actions.add_parser("export", help="make the folder of a model (extra `export`)", description=_EXPORT)
    export.add_argument(
        "source", nargs="?", metavar="SOURCE", help="a name or path that transformers knows, or an export folder"
    )
    export.add_argument(
        "--random", metavar="SHAPE", help="instead: layers,width,heads,vocabulary,context (7B: 32,4096,32,32016,16384)"
    )
    export.add_argument("--out", type=Path, metavar="DIR", required=True, help="the folder to make")
    export.add_argument("--dtype", choices=DTYPES, default="fp32", help="format of the weights (default fp32)")
    export.add_argument("--prompt", choices=FORMATS, default=FORMATS[0], help="form of its prompts (%(default)s)")
    export.add_argument("--llvm", type=int, default=17, metavar="MAJOR", help="LLVM whose lists it writes (default 17)")
    export.add_argument("--feedback", action="store_true", help="it was trained to be told the sizes of what was tried")
    export.add_argument("--licence", default="", metavar="TEXT", help="what its licence asks for, to be kept with it")
    check = actions.add_parser(
        "check", help="compare lists and savings with another folder's", description=_CHECK, epilog=run.__doc__
    )
    check.add_argument("folder", type=Path, metavar="FOLDER", help="the folder to check")
    check.add_argument(
        "--reference", type=Path, metavar="DIR", required=True, help="the folder that it must be as good as"
    )
    check.add_argument(
        "--corpus", type=Path, metavar="DIR", required=True, help="a corpus, or a folder that LLMCC_RECORD has filled"
    )
    check.add_argument("--units", type=int, metavar="N", default=40, help="units to compare on (default 40)")
    check.add_argument("--samples", type=int, metavar="N", default=8, help="lists of each model (default 8)")
    check.add_argument(
        "--tolerance",
        type=float,
        metavar="POINTS",
        default=0.1,
        help="most loss of the mean saving, in points of percent (default 0.1)",
    )
    info = actions.add_parser("info", help="say what a folder is", description=_INFO)
    info.add_argument("folder", type=Path, metavar="FOLDER", help="the folder")
    speed = actions.add_parser("speed", help="time it, and say what memory it takes", description=_SPEED)
    model_speed.configure(speed)
    ask = actions.add_parser("ask", help="have it emulate passes or disassemble, and check it", description=_ASK)
    model_ask.configure(ask)
    for action in (ask, check, info, speed):
        action.add_argument(
            "--device", choices=("auto", "cpu", "cuda"), default="auto", help="where it runs (default auto)"
        )
        action.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 0, or 1 when a model is worse than its reference or its answer is not right."""
    try:
        import tokenizers  # noqa: F401
    except ImportError as error:
        raise UserError("language models need tokenizers; run `pip install llmcc[llm]`") from error
    actions = {"ask": model_ask.run, "check": _check, "export": _export, "info": _info, "speed": model_speed.run}
    return actions[args.action](args)


def _export(args: argparse.Namespace) -> int:
    from llmcc.tune.export import export

    if (args.source is None) == (args.random is None):
        raise UserError("a model is made from a source or at random; name one of the two")
    if args.random is not None:
        return _draw(args)
    wanted = Description(prompt=args.prompt, llvm_major=args.llvm, feedback=args.feedback, licence=args.licence)
    made = export(args.source, args.out, args.dtype, wanted)
    print(f"{args.out}: {made.dtype}, {memory_needed(args.out) / 2**20:.0f} MiB of weights, {made.context} tokens")
    if made.licence:
        print(made.licence)
    if made.dtype != "fp32":
        print(f"check it before it is used: llmcc-tool model check {args.out} --reference FP32_FOLDER --corpus CORPUS")
    return 0


def _draw(args: argparse.Namespace) -> int:
    from llmcc.tune import drawn
    from llmcc.tune.decoder import Shape

    numbers = args.random.split(",")
    if len(numbers) != len(_SHAPE) or not all(number.isdecimal() and int(number) for number in numbers):
        raise UserError(f"--random {args.random} is no shape; give {','.join(_SHAPE)} as numbers")
    if args.dtype not in drawn.DTYPES:
        raise UserError(f"--random makes no {args.dtype}; give --dtype {' or '.join(drawn.DTYPES)}")
    shape = Shape(**dict(zip(_SHAPE, map(int, numbers), strict=True)))
    drawn.write_drawn(args.out, shape, args.dtype)
    print(f"{args.out}: {args.dtype}, {memory_needed(args.out) / 2**20:.0f} MiB of weights, {shape.context} tokens")
    return 0


_SHAPE = ("layers", "width", "heads", "vocabulary", "context")


def _check(args: argparse.Namespace) -> int:
    from llmcc.lm.model import LanguageModel
    from llmcc.tune.check import compare
    from llmcc.tune.mine import spread

    units = read_units(args.corpus)
    chosen = spread(units, args.units, 1, 0, max(unit.length for unit in units))
    models = [LanguageModel(folder, args.device) for folder in (args.folder, args.reference)]
    rows = list(compare(models[0], models[1], chosen, args.samples))
    if not rows:
        raise UserError(f"no unit of {args.corpus} can be compared on; make a corpus with this machine's clang")
    saving = 100 * sum(row.saving for row in rows) / len(rows)
    wanted = 100 * sum(row.reference_saving for row in rows) / len(rows)
    good = saving >= wanted - args.tolerance
    facts = {
        "units": len(rows),
        "same_first": sum(row.same_first for row in rows) / len(rows),
        "common": sum(row.common for row in rows) / sum(row.lists for row in rows),
        "saving": round(saving, 3),
        "reference_saving": round(wanted, 3),
        "good": good,
    }
    if args.json:
        print(json.dumps(facts, indent=1))
        return 0 if good else 1
    print(f"{len(rows)} units, {args.samples} lists each")
    print(
        f"the first list is the same on {100 * facts['same_first']:.0f} % of them; {100 * facts['common']:.0f} % in all"
    )
    print(f"mean saving {saving:.2f} %, the reference's {wanted:.2f} %: {'good' if good else 'worse'}")
    return 0 if good else 1


def _info(args: argparse.Namespace) -> int:
    from llmcc.lm.model import LanguageModel

    description = read_description(args.folder)
    model = LanguageModel(args.folder, args.device)
    facts = asdict(description) | {
        "file": str(model_file(args.folder)),
        "memory": memory_needed(args.folder),
        "runs_on": model.session.providers,
    }
    if args.json:
        print(json.dumps(facts, indent=1))
        return 0
    for name, value in facts.items():
        words = ", ".join(value) if isinstance(value, (list, tuple)) else value
        if words not in ("", ()):
            print(f"{name:12} {words}")
    return 0
