"""The other tasks of LLM Compiler, each with the check that makes its answer useful: a module as passes leave it is
compared with what LLVM makes of it, and IR told from assembly is compiled again and compared with that assembly."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmcc.errors import UserError
from llmcc.lm import prompt
from llmcc.lm.model import Reply
from llmcc.lm.split import without_debug_information
from llmcc.tune.likeness import bleu, ir_instructions, machine_instructions, plain_assembly, plain_ir, words_of
from toolchain.apply import Limits, Trial, open_module
from toolchain.cc1 import Cc1Job, parse_jobs
from toolchain.disassemble import disassemble, find_objdump
from toolchain.discover import Toolchain
from toolchain.lower import Module, lower
from toolchain.measure import measure
from toolchain.passes import PassList, Recipe
from toolchain.run import DISCARD, Completed, run

SECONDS = 120.0
"""How long LLVM may take to read what a model has written."""

Ask = Callable[[str], Reply]
"""From a prompt to a model's answer."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer is worth. `exact`: LLVM says the same. `problem`: LLVM's words where it does not take the code,
    "" where it does. `likeness`: BLEU, None where there is nothing to compare. Instructions are counted as the task
    has them, of IR or of the machine, in the answer and in what is right."""

    exact: bool
    problem: str
    likeness: float | None
    instructions: int
    wanted_instructions: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A model's answer, the code in it, and the verdict."""

    reply: Reply
    code: str
    judged: Judged


@dataclass(frozen=True, slots=True)
class Bench:
    """What files are compiled with: the tools, the user's flags, a private folder, and where programs are."""

    toolchain: Toolchain
    flags: Sequence[str]
    folder: str
    search_path: bytes

    def job(self, path: Path, *, ir: bool = False) -> Cc1Job:
        """The compile of a file to an object; of LLVM's IR, whatever it is called, if `ir`. Raises UserError."""
        kind = ["-x", "ir"] if ir else []
        words = ["-###", "-Oz", *self.flags, *kind, "-c", str(path), "-o", os.path.join(self.folder, "unit.o")]
        done = run([self.toolchain.clang, *map(os.fsencode, words)], stdin=DISCARD)
        jobs = parse_jobs(done.stderr) if done.returncode == 0 else []
        if len(jobs) != 1 or jobs[0][1:2] != [b"-cc1"]:
            raise UserError(f"clang has no single compile for {path} ({_words(done)}); see --flags")
        return Cc1Job(jobs[0])

    def bitcode(self, path: Path, job: Cc1Job) -> bytes:
        """The unoptimised IR of a file, as bitcode. Raises UserError."""
        bitcode = os.fsencode(os.path.join(self.folder, "unit.bc"))
        done = lower(job, bitcode)
        if done.returncode != 0:
            raise UserError(f"{path} does not compile ({_words(done)}); see --flags")
        return bitcode

    def written(self, code: str) -> bytes:
        """A file with the code of an answer."""
        path = os.path.join(self.folder, "answer")
        Path(path).write_text(code, encoding="utf-8", errors="replace")
        return os.fsencode(path)


def emulate(bench: Bench, path: Path, passes: str, ask: Ask, *, assembly: bool = False) -> Answered:
    """Ask for a file's module as passes leave it, as IR or as the target's assembly. Raises UserError."""
    job = bench.job(path)
    bitcode = bench.bitcode(path, job)
    ir = without_debug_information(prompt.plain_ir(_printed(job.assembly(bitcode))))
    count = ir_instructions(ir)
    object_path = os.fsencode(os.path.join(bench.folder, "unoptimised.o"))
    _printed(job.code_generation(bitcode, object_path))
    size = measure(Path(os.fsdecode(object_path)).read_bytes()).size
    right = _applied(bench, job, bitcode, passes).bitcode
    reply = ask(prompt.emulation(ir, passes, count, size, assembly=assembly))
    code = prompt.parse_code(reply.text)
    if assembly:
        judged = judge_assembly(code, _printed(job.machine_code(right)), _assembled(bench, job, code))
    else:
        judged = judge_ir(bench, job, code, _printed(job.assembly(right)))
    return Answered(reply, code, judged)


def judge_ir(bench: Bench, job: Cc1Job, code: str, right: str) -> Judged:
    """Compare IR with what LLVM made, both as LLVM prints them: how values are called makes no difference."""
    done = _patiently(job.assembly(bench.written(code)))
    problem = "" if done.returncode == 0 else _words(done)
    mine = plain_ir(code if problem else done.stdout.decode("utf-8", "replace"))
    wanted = plain_ir(right)
    likeness = bleu(words_of(mine), words_of(wanted))
    return Judged(not problem and mine == wanted, problem, likeness, ir_instructions(mine), ir_instructions(wanted))


Lower = Callable[[str], tuple[str, str]]
"""From IR to assembly, or to what LLVM has against it."""


def lift(bench: Bench, path: Path, ask: Ask) -> Answered:
    """Ask for the IR of an assembly file, an object or a source, and compile it again. Raises UserError."""
    assembly, lowered = _machine_code(bench, path)
    reply = ask(prompt.disassembly(assembly))
    code = prompt.parse_code(reply.text)
    return Answered(reply, code, judge_lifted(code, assembly, lowered))


def judge_lifted(code: str, assembly: str, lowered: Lower) -> Judged:
    """Compare assembly with what is made of the IR that was told from it."""
    again, problem = lowered(code)
    if problem:
        return Judged(False, problem, None, 0, machine_instructions(plain_assembly(assembly)))
    return judge_assembly(again, assembly)


def judge_assembly(mine: str, right: str, problem: str = "") -> Judged:
    """Compare two assembly texts without their comments and what says nothing of code."""
    mine, right = plain_assembly(mine), plain_assembly(right)
    likeness = bleu(words_of(mine), words_of(right))
    same = mine == right and not problem
    return Judged(same, problem, likeness, machine_instructions(mine), machine_instructions(right))


def _machine_code(bench: Bench, path: Path) -> tuple[str, Lower]:
    """The assembly of a file, and what makes such text of IR."""
    with path.open("rb") as file:
        if file.read(4) == b"\x7fELF":
            objdump = find_objdump(bench.toolchain, bench.search_path)
            return _listed(objdump, os.fsencode(path)), lambda code: _through_object(bench, objdump, code)
    if path.suffix in (".s", ".asm"):
        return path.read_text(errors="replace"), lambda code: _through_text(bench, code)
    words = ["-Oz", *bench.flags, "-S", str(path), "-o", "-"]
    done = run([bench.toolchain.clang, *map(os.fsencode, words)], stdin=DISCARD)
    if done.returncode != 0:
        raise UserError(f"{path} does not compile ({_words(done)}); see --flags")
    return done.stdout.decode("utf-8", "replace"), lambda code: _through_text(bench, code)


def _through_text(bench: Bench, code: str) -> tuple[str, str]:
    answer = bench.written(code)
    done = _patiently(bench.job(Path(os.fsdecode(answer)), ir=True).machine_code(answer))
    return done.stdout.decode("utf-8", "replace"), "" if done.returncode == 0 else _words(done)


def _through_object(bench: Bench, objdump: bytes, code: str) -> tuple[str, str]:
    answer, made = bench.written(code), os.fsencode(os.path.join(bench.folder, "again.o"))
    done = _patiently(bench.job(Path(os.fsdecode(answer)), ir=True).code_generation(answer, made))
    return ("", _words(done)) if done.returncode != 0 else (_listed(objdump, made), "")


def _listed(objdump: bytes, path: bytes) -> str:
    functions = disassemble(objdump, path).items()
    return "".join(f"{name}:\n" + "".join(f"\t{each.text}\n" for each in body) for name, body in functions)


def _applied(bench: Bench, job: Cc1Job, bitcode: bytes, passes: str) -> Trial:
    recipe = Recipe(PassList.parse(passes))
    with open_module(bench.toolchain, job, Module(bitcode), os.fsencode(bench.folder), Limits()) as applier:
        (trial,) = applier.try_recipes([recipe], "")
    if not trial.bitcode:
        raise UserError(f"LLVM does not run {passes} ({_first(trial.error)}); give --passes as opt takes them")
    return trial


def _assembled(bench: Bench, job: Cc1Job, code: str) -> str:
    """What the assembler has against code; "" when it takes it."""
    answer, made = bench.written(code), os.fsencode(os.path.join(bench.folder, "assembled.o"))
    target = b"--target=" + job.triple.encode()
    argv = [bench.toolchain.clang, target, b"-x", b"assembler", b"-c", answer, b"-o", made]
    done = _patiently(argv)
    return "" if done.returncode == 0 else _words(done)


def _patiently(argv: list[bytes]) -> Completed:
    return run(argv, stdin=DISCARD, timeout=SECONDS, own_group=True)


def _printed(argv: list[bytes]) -> str:
    done = _patiently(argv)
    if done.returncode != 0:
        raise UserError(f"clang cannot compile what it has read itself ({_words(done)}); see `llmcc-tool doctor`")
    return done.stdout.decode("utf-8", "replace")


_ERROR = re.compile(r"^.*?(?:fatal )?error: (.*)$", re.M)


def _words(done: Completed) -> str:
    """What a tool had to say, without the names of files, which are ours."""
    if done.timed_out:
        return f"no answer in {SECONDS:g} s"
    said = done.stderr.decode("utf-8", "replace")
    found = _ERROR.search(said)
    return found[1].strip() if found else _first(said) or f"exit status {done.returncode}"


def _first(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
