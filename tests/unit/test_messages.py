"""Every message is one sentence that says what happened and what to do."""

import re

import pytest

from tests.unit.messages import TABLE, Message, collect, table

INSIDE = (
    "toolchain/apply.py",
    "toolchain/cc1.py",
    "toolchain/demotion.py",
    "toolchain/guards.py",
    "toolchain/libllvm.py",
    "toolchain/lower.py",
    "toolchain/worker.py",
)
"""What these raise is a reason for clang's own object, or a line of evidence: nobody is told it alone."""
INSIDE_TOO = {"clang's pipeline for this unit has passes we do not know"}

IN_A_VALUE = {"{} {}", "{} is not a setting{}", "{}: {} is not a setting{}", "{} was left to clang: {} ({})"}
"""What to do, or that nothing is to be done, is in the last value: a suggestion, a reason's sentence, what an address
lacks."""

VERBS = (
    "add", "apt-get", "begin", "build", "check", "compile", "drop", "export", "fill", "give", "have", "install",
    "leave", "look", "make", "mend", "name", "remove", "run", "see", "set", "start", "take", "train", "try", "unset",
    "use",
)  # fmt: skip
TELLS = re.compile(rf"(^|\(|[;:,] (on Debian: )?|\b(or|and|then) )({'|'.join(VERBS)})\b")
ALLOWS = re.compile(r"must be |needs |\btakes |it has \{\}|there are \{\}|`llmcc-tool [^`]*` (makes|lists)")
"""A value that is wrong: what would be right."""
UNKIND = re.compile(r"traceback|exception|errno|stack|assert|internal|invalid|illegal|oops|sorry|please", re.IGNORECASE)


@pytest.fixture(scope="module", params=collect(), ids=lambda message: f"{message.path}:{message.sentence[:40]}")
def message(request: pytest.FixtureRequest) -> Message:
    return request.param


def test_a_message_is_one_sentence(message):
    sentence = message.sentence
    assert "\n" not in sentence
    assert not re.search(r"[.!?] ", sentence)
    assert not sentence.endswith((".", "!", " ", ":"))
    assert len(sentence) <= 200
    # It goes on after "llmcc-tool: ", so only a name has a capital.
    assert sentence[0].islower() or re.match(r"LLVM|LLMCC|Ray|\{\}|--", sentence)


def test_a_message_has_no_word_of_programmers(message):
    assert not UNKIND.search(message.sentence)


def test_a_message_says_what_to_do(message):
    sentence = message.sentence
    if message.path in INSIDE or sentence in INSIDE_TOO or sentence in IN_A_VALUE:
        return
    assert TELLS.search(sentence) or ALLOWS.search(sentence)


def test_the_table_of_messages_is_that_of_the_source():
    assert TABLE.read_text() == table(), "run `python -m tests.unit.messages` and read what changed"


def test_what_is_excused_is_there():
    known = collect()
    assert {message.sentence for message in known} >= INSIDE_TOO | IN_A_VALUE
    assert {message.path for message in known} >= set(INSIDE)
