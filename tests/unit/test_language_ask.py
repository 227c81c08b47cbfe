"""What an answer is worth: BLEU against known values, IR as LLVM reads it, assembly without what says nothing."""

import os
import re
from pathlib import Path

import pytest

from llmcc.errors import UserError
from llmcc.lm.model import Reply
from llmcc.lm.prompt import parse_code
from llmcc.tune import ask
from llmcc.tune.likeness import bleu, plain_assembly, words_of
from toolchain.measure import measure

HYPOTHESIS = re.findall(
    r"\S+", "It is a guide to action which ensures that the military always obeys the party's commands"
)
REFERENCE = re.findall(
    r"\S+", "It is a guide to action that ensures that the military will forever heed Party commands"
)
SOURCE = "int g(int);\nint f(int x) { int y = x * 2; return g(y) + g(y + 1); }\n"


@pytest.mark.parametrize(
    ("words", "reference", "wanted"),
    [
        # As nltk's sentence_bleu has them.
        (HYPOTHESIS, REFERENCE, 0.46892438882117243),
        (HYPOTHESIS[:9], REFERENCE, 0.3035117977459126),
        (HYPOTHESIS * 2, HYPOTHESIS, 0.4743107045832293),
        (HYPOTHESIS, HYPOTHESIS, 1.0),
        (["ret", "void"], ["ret", "void"], 1.0),
        (["ret"], ["br"], 0.0),
        ([], ["ret"], 0.0),
        ([], [], 1.0),
    ],
)
def test_bleu_is_what_others_compute(words, reference, wanted):
    assert bleu(words, reference) == pytest.approx(wanted, abs=1e-12)


def test_words_of_code():
    assert words_of("%2 = add i32 %0, 1") == ["%", "2", "=", "add", "i32", "%", "0", ",", "1"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (" The code is <code>define i32 @f</code> and so on.", "define i32 @f\n"),
        ("<code>cut off", "cut off\n"),
        ("  define i32 @f\n\n", "define i32 @f\n"),
        ("", "\n"),
    ],
)
def test_the_code_is_read_from_any_answer(answer, code):
    assert parse_code(answer) == code


@pytest.fixture
def bench(toolchain, tmp_path) -> ask.Bench:
    return ask.Bench(toolchain, (), str(tmp_path), os.environb[b"PATH"])


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "f.c"
    path.write_text(SOURCE)
    return path


def saying(text: str, prompts: list[str]) -> ask.Ask:
    def asked(prompt: str) -> Reply:
        prompts.append(prompt)
        return Reply(text, 1, 1, True)

    return asked


def optimised(clang, source: Path, passes: str) -> str:
    plain = clang.run(["-Oz", "-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes", "-o", "-", source]).stdout
    path = source.with_suffix(".ll")
    path.write_bytes(plain)
    return clang.ask("opt", "-S", f"-passes={passes}", path).decode()


@pytest.mark.parametrize("passes", ["default<Oz>", "function(instcombine<no-verify-fixpoint>,gvn)", "globaldce"])
def test_what_opt_makes_is_exactly_right(bench, clang, source, passes):
    prompts: list[str] = []
    right = optimised(clang, source, passes)
    answered = ask.emulate(bench, source, passes, saying(f"Here: <code>{right}</code>", prompts))
    judged = answered.judged
    assert (judged.exact, judged.problem, judged.likeness) == (True, "", 1.0)
    assert judged.instructions == judged.wanted_instructions > 0
    (asked,) = prompts
    assert asked.startswith("[INST] Give the LLVM-IR for the following code when optimized using opt -p '" + passes)
    assert "define dso_local i32 @f(i32" in asked
    # What opt counts, and what clang makes of the code as it is.
    made = clang.compile(SOURCE, source.with_name("plain.o"), "-Oz", "-Xclang", "-disable-llvm-passes")
    size = measure(made).size
    count = sum(line.startswith("  ") for line in source.with_suffix(".ll").read_text().splitlines())
    assert asked.endswith(f"The input code has instruction count {count} and binary size {size} bytes. [/INST]")


def test_other_names_are_the_same_code_and_other_code_is_not(bench, clang, source):
    right = optimised(clang, source, "default<Oz>")
    renamed = right.replace("%0", "%argument")
    assert renamed != right
    assert ask.emulate(bench, source, "default<Oz>", saying(renamed, [])).judged.exact
    other = right.replace("call i32 @g", "call i32 @f")
    assert other != right
    judged = ask.emulate(bench, source, "default<Oz>", saying(other, [])).judged
    assert (judged.exact, judged.problem) == (False, "")
    assert judged.instructions == judged.wanted_instructions
    assert 0.5 < judged.likeness < 1.0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("define i32 @f(", "expected type"),
        ("babble", "expected top-level entity"),
        ("define i32 @f() {\n  ret i64 1\n}", "value doesn't match function result type 'i32'"),
    ],
)
def test_what_llvm_cannot_read_has_its_words(bench, source, code, words):
    judged = ask.emulate(bench, source, "default<Oz>", saying(f"<code>{code}</code>", [])).judged
    assert not judged.exact
    assert words in judged.problem
    assert judged.likeness < 0.5
    judged = ask.lift(bench, source, saying(f"<code>{code}</code>", [])).judged
    assert (judged.exact, judged.likeness) == (False, None)
    assert words in judged.problem


def test_assembly_can_be_asked_for(bench, clang, source):
    right = clang.run(["-Oz", "-S", "-o", "-", source]).stdout.decode()
    prompts: list[str] = []
    answered = ask.emulate(bench, source, "default<Oz>", saying(right, prompts), assembly=True)
    assert answered.judged.exact
    assert answered.judged.instructions > 5
    assert prompts[0].startswith("[INST] Give the assembly for the following code")
    judged = ask.emulate(bench, source, "default<Oz>", saying("  babble %x\n", []), assembly=True).judged
    assert not judged.exact
    assert "invalid" in judged.problem


@pytest.mark.parametrize("kind", [".c", ".s", ".o"])
def test_assembly_told_as_ir_is_compiled_again(bench, clang, source, kind):
    path = source.with_suffix(kind)
    if kind != ".c":
        clang.run(["-Oz", "-S" if kind == ".s" else "-c", source, "-o", path])
    right = clang.run(["-Oz", "-S", "-emit-llvm", source, "-o", "-"]).stdout.decode()
    prompts: list[str] = []
    judged = ask.lift(bench, path, saying(f"<code>{right}</code>", prompts)).judged
    assert (judged.exact, judged.problem, judged.likeness) == (True, "", 1.0)
    assert judged.instructions == judged.wanted_instructions > 5
    (asked,) = prompts
    assert asked.startswith("[INST] Disassemble this code to LLVM-IR:\n\n<code>")
    assert asked.endswith("</code> [/INST]")
    assert "callq\tg" in asked or "callq g" in asked
    # As clang lowers it without any pass, it is another code.
    plain = clang.run(["-Oz", "-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes", "-o", "-", source]).stdout.decode()
    judged = ask.lift(bench, path, saying(plain, [])).judged
    assert (judged.exact, judged.problem) == (False, "")
    assert 0.1 < judged.likeness < 1.0
    assert judged.instructions > 5


def test_comments_are_no_code_but_strings_are():
    text = '\t.file\t"f.c"\nf:   # @f\n# %bb.0:\n\t#DEBUG_VALUE: f:x <- $edi\n'
    text += '\tmovl\t$1, %eax   # imm\n\t.asciz\t"a # b"\n\tretq\n'
    assert plain_assembly(text) == 'f:\nmovl\t$1, %eax\n.asciz\t"a # b"\nretq'
    assert plain_assembly("\tmov\tr0, #4  @ four\n\tmov w0, #1 // one\n") == "mov\tr0, #4\nmov w0, #1"


def test_what_cannot_be_asked_is_a_sentence(bench, source, tmp_path):
    silent = saying("", [])
    with pytest.raises(UserError, match="LLVM does not run no-such-pass"):
        ask.emulate(bench, source, "no-such-pass", silent)
    source.write_text("int f( {\n")
    for task in (lambda: ask.emulate(bench, source, "globaldce", silent), lambda: ask.lift(bench, source, silent)):
        with pytest.raises(UserError, match=r"does not compile .*expected"):
            task()
    (tmp_path / "words.txt").write_text("no source")
    with pytest.raises(UserError, match="clang has no single compile"):
        ask.emulate(bench, tmp_path / "words.txt", "globaldce", silent)
