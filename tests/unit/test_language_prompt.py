"""Prompts are word for word those of the models' authors; answers are read wherever the list stands in them."""

import pytest

from llmcc.lm import prompt
from llmcc.lm.prompt import Answer


def test_the_prompts_of_llm_compiler():
    assert prompt.flag_tuning("IR") == (
        "[INST] Tell me how to optimize this LLVM-IR for object file size:\n\n<code>IR</code> [/INST]"
    )
    assert prompt.emulation("IR", "module(default<Oz>)", 14, 64) == (
        "[INST] Give the LLVM-IR for the following code when optimized using opt -p 'module(default<Oz>)':\n\n"
        "<code>IR</code>\n\nThe input code has instruction count 14 and binary size 64 bytes. [/INST]"
    )
    assert prompt.emulation("IR", "x", 1, 2, assembly=True).startswith("[INST] Give the assembly for the following")
    assert prompt.disassembly("ret") == "[INST] Disassemble this code to LLVM-IR:\n\n<code>ret</code> [/INST]"


def test_what_was_tried_is_told():
    tried = (prompt.Tried("<clang>,mergefunc", 90), prompt.Tried("<clang> | -disable-lsr", 120))
    assert prompt.flag_tuning("IR", tried=tried, size=100) == (
        "[INST] Tell me how to optimize this LLVM-IR for object file size:\n\n<code>IR</code>\n\n"
        "The input code has binary size 100 bytes when clang optimizes it.\n"
        "The output of opt -p '<clang>,mergefunc' has binary size 90 bytes.\n"
        "The output of opt -p '<clang> | -disable-lsr' has binary size 120 bytes. [/INST]"
    )
    # What comes of it goes on as what was told: with the size before and that after.
    assert prompt.flag_tuning("IR", prompt.LLMCC, tried, 100) == (
        "IR\n; -p '<clang>,mergefunc' 100 90\n; -p '<clang> | -disable-lsr' 100 120\n; -p '"
    )
    assert prompt.flag_tuning("IR", prompt.LLMCC) == "IR\n; -p '"


def test_braces_in_code_are_left_alone():
    code = "define void @f() { ret void }\n%s = type { i32, {} }"
    assert code in prompt.flag_tuning(code)
    assert code in prompt.emulation(code, "{passes}", 1, 2)
    assert "opt -p '{passes}'" in prompt.emulation(code, "{passes}", 1, 2)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (" Run opt -p 'module(default<Oz>,gvn)' to get 12 bytes. It's so.", Answer("module(default<Oz>,gvn)")),
        ("-p 'a,b'", Answer("a,b")),
        ("first -p 'a' then -p 'b'", Answer("a")),
        ("-p '<clang>,mergefunc | -disable-lsr  -x=1'", Answer("<clang>,mergefunc", "-disable-lsr -x=1")),
        ("-p ''", Answer("")),
        ("nothing", None),
        ("-p 'cut off", None),
        ("", None),
    ],
)
def test_the_list_is_read_from_any_answer(answer, wanted):
    assert prompt.parse_answer(answer) == wanted


def test_the_names_of_files_are_no_part_of_a_prompt():
    text = '; ModuleID = \'/tmp/llmcc-12ab/unit.bc\'\nsource_filename = "/home/me/a.c"\ntarget triple = "t"\n'
    assert prompt.plain_ir(text) == 'source_filename = "-"\ntarget triple = "t"\n'
