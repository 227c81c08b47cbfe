"""What is read of a module before anything is tried on it."""

import pytest

from llmcc import features
from llmcc.facts import ModuleFacts, describe

MODULE = """; ModuleID = '/tmp/a/unit.bc'
source_filename = "unit.c"
target triple = "x86_64-pc-linux-gnu"

define i32 @f(i32 %0) #0 {
  ret i32 %0
}

attributes #0 = { minsize }
"""


def facts_of(text: str) -> ModuleFacts:
    return ModuleFacts.read(describe(text.encode()))


def test_a_plain_module():
    facts = facts_of(MODULE)
    assert (facts.assembly, facts.reads_files, facts.warned) == (False, False, False)
    assert facts.vector == features.extract(MODULE.encode())
    assert facts.text_digest == facts_of(MODULE.replace("/tmp/a", "/elsewhere")).text_digest
    assert facts.text_digest != facts_of(MODULE.replace("@f", "@g")).text_digest
    assert len(facts.text_digest) == 32


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("\ndefine", '\nmodule asm ".globl x"\ndefine', (True, False, False)),
        ("  ret", '  call void asm sideeffect "nop", ""()\n  ret', (True, False, False)),
        ("  ret", '  call void asm "nop", ""()\n  ret', (True, False, False)),
        ("\ndefine", '\nmodule asm ".INCBIN \\22blob\\22"\ndefine', (True, True, False)),
        ("minsize", 'minsize "dontcall-warn"="not this"', (False, False, True)),
        ("minsize", 'minsize "dontcall-error"="not this"', (False, False, True)),
        ("minsize", '"warn-stack-size"="100"', (False, False, True)),
    ],
)
def test_what_the_code_generator_may_speak_of(before, after, found):
    facts = facts_of(MODULE.replace(before, after))
    assert (facts.assembly, facts.reads_files, facts.warned) == found


def test_the_text_is_left_for_a_language_model(tmp_path):
    describe(MODULE.encode(), bytes(tmp_path / "unit.ll"))
    assert (tmp_path / "unit.ll").read_text() == MODULE
