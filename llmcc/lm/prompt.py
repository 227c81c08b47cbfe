"""What is asked of a language model, word for word, and what its answer says.

The words of `llm-compiler` are those of LLM Compiler FTD's authors (arXiv 2407.02524). `llmcc` is the form of the
models that `llmcc-tool train --language-model` makes: shorter, and with LLVM options behind the passes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LLM_COMPILER, LLMCC = "llm-compiler", "llmcc"
FORMATS = (LLM_COMPILER, LLMCC)

_FLAG_TUNING = (
    "[INST] Tell me how to optimize this LLVM-IR for object file size:\n\n<code>{ir}</code>{feedback} [/INST]"
)
_FEEDBACK = "\n\nThe input code has binary size {size} bytes when clang optimizes it.{tried}"
_TRIED = "\nThe output of opt -p '{recipe}' has binary size {size} bytes."
_EMULATION = (
    "[INST] Give the {what} for the following code when optimized using opt -p '{passes}':\n\n<code>{ir}</code>\n\n"
    "The input code has instruction count {count} and binary size {size} bytes. [/INST]"
)
_DISASSEMBLY = "[INST] Disassemble this code to LLVM-IR:\n\n<code>{asm}</code> [/INST]"

OPENING = "-p '"
"""After these words, wherever they stand in an answer, comes the list; it ends with the next quotation mark."""
CLOSING = "'"

_LIST = re.compile(r"-p '([^']*)'")
_CODE = re.compile(r"<code>(.*?)(?:</code>|\Z)", re.S)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer names: pipeline text as the model wrote it, and options (see toolchain.passes.Recipe)."""

    pipeline: str
    options: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """A recipe that was tried on a module, and the bytes of text + data that came of it."""

    recipe: str
    size: int


def flag_tuning(ir: str, form: str = LLM_COMPILER, tried: Sequence[Tried] = (), size: int = 0) -> str:
    """The prompt that asks for a pass list for a module, given as LLVM assembly. In a second round: with what was
    `tried`, where clang's own object has `size` bytes; the authors have no words for that, so these are ours."""
    if form == LLMCC:
        # An answer goes on with the sizes before and after: so does what is told of another.
        told = "".join(f"; {OPENING}{each.recipe}{CLOSING} {size} {each.size}\n" for each in tried)
        return f"{condensed(ir)}\n{told}; {OPENING}"
    words = "".join(_TRIED.format(recipe=each.recipe, size=each.size) for each in tried)
    return _FLAG_TUNING.format(ir=ir, feedback=_FEEDBACK.format(size=size, tried=words) if tried else "")


_NOISE = re.compile(
    r", !\w+(?:\.\w+)* !\d+|, align \d+| #\d+| noundef| nounwind| unnamed_addr| dso_local| inbounds|  *;.*$", re.M
)
_UNSAID = ("attributes ", "!", "target ", "source_filename")


def condensed(ir: str) -> str:
    """The assembly of a module without what says little about its size: attributes, alignments, metadata."""
    lines = (line.strip() for line in _NOISE.sub("", ir).split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith(_UNSAID))


def emulation(ir: str, passes: str, count: int, size: int, *, assembly: bool = False) -> str:
    """The prompt that asks for a module as passes leave it. `count` instructions, `size` bytes."""
    what = "assembly" if assembly else "LLVM-IR"
    return _EMULATION.format(what=what, passes=passes, ir=ir, count=count, size=size)


def disassembly(asm: str) -> str:
    """The prompt that asks for the IR of assembly code."""
    return _DISASSEMBLY.format(asm=asm)


def parse_answer(text: str) -> Answer | None:
    """The list that an answer names: what follows the first `-p '`. None when it names none."""
    found = _LIST.search(text)
    if found is None:
        return None
    pipeline, _, options = found[1].partition("|")
    return Answer(pipeline.strip(), " ".join(options.split()))


def parse_code(text: str) -> str:
    """The code that an answer holds: what stands in `<code>`, else all of it."""
    found = _CODE.search(text)
    return (found[1] if found else text).strip() + "\n"


def plain_ir(text: str) -> str:
    """LLVM assembly as a prompt has it: it names neither the file it was read from, which is another one in every
    compile, nor the source, which may be in another folder on another machine."""
    lines = text.split("\n")
    lines = ['source_filename = "-"' if line.startswith("source_filename = ") else line for line in lines]
    return "\n".join(line for line in lines if not line.startswith("; ModuleID = "))
