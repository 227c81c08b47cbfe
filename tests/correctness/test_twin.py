"""The twin gate on units made to deceive it, or to do harm."""

import os
from pathlib import Path

import pytest

from llmcc.gates import Outcome, Verdict
from tests.correctness.planted import Plant

PAIR = "struct pair { long first, second; }; struct pair make(long x) { return (struct pair){x, x + %d}; }\n"


@pytest.fixture
def judge(clang, tmp_path):
    """Judge the object of one C text beside that of another."""

    def judged(text: str, other: str = "", program: str = clang.path) -> Verdict:
        (tmp_path / "check.c").write_text("int main(void) { return 0; }\n")
        paths = []
        for number, content in enumerate((text, other or text)):
            work = tmp_path / str(number)
            work.mkdir(exist_ok=True)
            source = tmp_path / "unit.c"
            source.write_text(content)
            plant = Plant(os.fsencode(program), os.fsencode(tmp_path / "cache"), source, work)
            paths.append(plant.baseline)
            if number == 0:
                first = plant
        return first.twins.judge(*paths)

    return judged


def test_a_constructor_can_do_no_harm(judge, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    text = """
int started;
__attribute__((constructor)) static void start(void) {
    long answer;
    __asm__ volatile("syscall" : "=a"(answer) : "0"(87L), "D"("%s") : "rcx", "r11", "memory");
    started = 1;
}
int seen(int x) { return x + started; }
"""
    verdict = judge(text % victim)
    assert victim.read_text() == "precious"
    assert verdict.outcome in (Outcome.PASS, Outcome.SKIP)


def test_constructors_have_run_before_the_calls(judge):
    text = "int start_value(void); static int v; __attribute__((constructor)) static void s(void) { v = %d; }\n"
    text += "int value(int x) { return x + v; } void set(int x) { v = x; }\n"
    assert judge(text % 3).outcome is Outcome.PASS
    assert judge(text % 3, text % 4).outcome is Outcome.FAIL


def test_descriptors_are_out_of_reach(judge):
    """The unit writes to whatever descriptor it is given: ours would take it for answers."""
    text = """
long put(int fd, const char *text) {
    long answer;
    __asm__ volatile("syscall" : "=a"(answer) : "0"(1L), "D"((long)fd), "S"(text), "d"(20L) : "rcx", "r11", "memory");
    return answer;
}
int other(int x) { return x * 3; }
"""
    verdict = judge(text)
    assert verdict.outcome is Outcome.PASS, verdict


def test_much_output_is_no_trouble(judge):
    text = '#include <stdio.h>\nint chatter(int n) { for (int i = 0; i < 400; i++) printf("one word\\n"); return n; }\n'
    assert judge(text).outcome is Outcome.PASS


def test_structures_in_registers_are_compared(judge):
    assert judge(PAIR % 1).outcome is Outcome.PASS
    assert judge(PAIR % 1, PAIR % 2).outcome is Outcome.FAIL


def test_a_nan_is_a_nan(judge):
    text = "void sink(double); void send(double a) { double zero = a - a; sink(%szero / zero); }\n"
    assert judge(text % "", text % "-").outcome is Outcome.PASS


def test_symbols_may_be_called_like_the_runtimes(judge):
    text = "int end(int); int begin(int x) { return end(x) + 1; } int memory(int x) { return x * 3; }\n"
    text += "void *malloc(unsigned long); char *data(void) { return malloc(8); }\n"
    assert judge(text).outcome is Outcome.PASS


def test_the_cxx_driver_serves_as_well(judge, clang):
    assert judge(PAIR % 1, program=clang.path.replace("clang", "clang++")).outcome is Outcome.PASS


def test_fast_math_is_left_alone(judge, monkeypatch):
    monkeypatch.setattr("llmcc.twin.gate._FAST_MATH", frozenset({b"-Oz"}))
    assert "fast-math" in judge(PAIR % 1).evidence


def test_what_the_machine_lacks_is_not_remembered(judge, monkeypatch):
    monkeypatch.setattr("llmcc.twin.gate.which", lambda *_: b"")
    monkeypatch.setattr("llmcc.twin.gate.os.access", lambda *_: False)
    verdict = judge(PAIR % 1)
    assert (verdict.outcome, verdict.lasting) == (Outcome.SKIP, False)


def test_folder_of_the_gate_has_what_it_needs():
    from llmcc.twin.gate import FOLDER

    assert {"runtime.c", "runtime.h"} <= {path.name for path in Path(FOLDER).iterdir()}
