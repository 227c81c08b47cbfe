"""`llmcc-tool model ask`: the other tasks of LLM Compiler on a file, and what the answer is worth."""

import argparse
import json
import os
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cache.store import Store
from llmcc import config, fingerprint
from llmcc.errors import UserError
from toolchain import discover

if TYPE_CHECKING:
    from llmcc.tune.ask import Answered

EMULATE, DISASSEMBLE = "emulate", "disassemble"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("task", choices=(EMULATE, DISASSEMBLE), help="IR as passes leave it, or IR of assembly")
    parser.add_argument("file", type=Path, help="source, .ll or .bc; to disassemble also .s or .o")
    parser.add_argument("--model", type=Path, metavar="DIR", help="the model's folder (default: LLMCC_MODEL)")
    parser.add_argument("--passes", metavar="LIST", help="emulate: as opt takes them (default: module(default<Oz>))")
    parser.add_argument("--assembly", action="store_true", help="emulate: ask for the target's assembly instead of IR")
    parser.add_argument("--flags", default="", metavar="WORDS", help="for clang, as --flags='-Os -Iinclude'")
    parser.add_argument("--tokens", type=int, default=0, metavar="N", help="most tokens of the answer (default: all)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the code of the answer there")


def run(args: argparse.Namespace) -> int:
    """Exit status 0, or 1 when the answer is not right."""
    if args.task == DISASSEMBLE and (args.passes or args.assembly):
        raise UserError("--passes and --assembly say what to emulate; leave them out")
    from llmcc.lm.model import LanguageModel
    from llmcc.tune import ask

    settings = config.resolve(os.getcwd())
    folder = args.model or Path(fingerprint.model_path(settings))
    if not folder.is_dir():
        raise UserError("only a language model can be asked; name its folder with --model or LLMCC_MODEL")
    if not args.file.is_file():
        raise UserError(f"there is no file {args.file}; name a source, LLVM assembly, or assembly of the target")
    store, path = Store(os.fsencode(settings.directory)), os.environb.get(b"PATH", b"")
    clang = config.choose_clang(os.fsencode(settings.clang), path)
    toolchain = discover.describe(clang, os.path.join(store.directory, b"toolchains"))
    question = partial(LanguageModel(folder, args.device).answer, most=args.tokens)
    with tempfile.TemporaryDirectory(prefix="llmcc-") as private:
        bench = ask.Bench(toolchain, _flags(args.flags), private, path)
        if args.task == EMULATE:
            passes = args.passes or "module(default<Oz>)"
            answered = ask.emulate(bench, args.file, passes, question, assembly=args.assembly)
        else:
            answered = ask.lift(bench, args.file, question)
    if args.out:
        args.out.write_text(answered.code)
    judged, reply = answered.judged, answered.reply
    if args.json:
        told = asdict(judged) | {"prompt_tokens": reply.prompt_tokens, "tokens": reply.tokens, "ended": reply.ended}
        print(json.dumps(told | {"answer": reply.text}, indent=1))
    else:
        print("\n".join(_lines(answered, args.task)))
    return 0 if judged.exact else 1


def _flags(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UserError(f"--flags cannot be read as a shell would ({error}); check its quotation marks") from error


def _lines(answered: "Answered", task: str) -> Iterator[str]:
    judged, reply = answered.judged, answered.reply
    cut = "" if reply.ended else ", cut off"
    yield f"prompt        {reply.prompt_tokens} tokens"
    yield f"answer        {reply.tokens} tokens{cut}"
    if judged.problem:
        yield f"LLVM          does not compile: {judged.problem}"
    if judged.exact:
        yield (
            "verdict       exactly what LLVM makes"
            if task == EMULATE
            else "verdict       compiles to the same assembly"
        )
        return
    yield f"instructions  {judged.instructions}, where {judged.wanted_instructions} are right"
    if judged.likeness is not None:
        yield f"BLEU          {judged.likeness:.3f}"
