"""`llmcc-tool model ask`: what a model answers is compared with what LLVM does."""

import json

import pytest

SOURCE = "int g(int);\nint f(int x) { return g(x * 2) + g(3); }\n"


@pytest.fixture
def ask(work):
    work.file("f.c", SOURCE)

    def asked(*args, code: int, **how) -> str:
        done = work.run([work.bin / "llmcc-tool", "model", "ask", *args], **how)
        assert done.code == code, done.stderr
        assert (done.stderr == b"") == (code < 2)
        return (done.stdout if code < 2 else done.stderr).decode()

    return asked


def test_a_right_emulation(work, ask, make_answering_model):
    right = work.clang("-Oz", "-S", "-emit-llvm", "-o", "-", "f.c").stdout.decode()
    model = make_answering_model(f"The result: <code>{right}</code>")
    said = ask("emulate", "f.c", "--passes", "default<Oz>", "--model", model, code=0)
    assert "exactly what LLVM makes" in said
    told = json.loads(ask("emulate", "f.c", "--passes", "default<Oz>", "--model", model, "--json", code=0))
    assert told["exact"]
    assert told["ended"]
    assert (told["likeness"], told["problem"], told["tokens"]) == (1.0, "", 1)
    assert told["answer"] == f"The result: <code>{right}</code>"
    # A model of LLMCC_MODEL is asked as well, about IR too, and without any pass that is not what it said.
    work.file("f.ll", work.clang("-Oz", "-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes", "-o", "-", "f.c").stdout)
    env = {"LLMCC_MODEL": str(model)}
    assert "exactly" in ask("emulate", "f.ll", "--out", "answer.ll", code=0, env=env)
    assert work.read("answer.ll").decode() == right.strip() + "\n"
    said = ask("emulate", "f.ll", "--passes", "globaldce", code=1, env=env)
    assert "are right" in said
    assert "BLEU  " in said
    # Flags are those of the compile.
    assert "are right" in ask("emulate", "f.c", "--flags=-O2 -fno-inline -g0 -m32", "--model", model, code=1)


def test_a_right_disassembly(work, ask, make_answering_model):
    work.clang("-Oz", "-S", "f.c", "-o", "f.s")
    right = work.clang("-Oz", "-S", "-emit-llvm", "-o", "-", "f.c").stdout.decode()
    model = make_answering_model(f"<code>{right}</code>")
    assert "compiles to the same assembly" in ask("disassemble", "f.s", "--model", model, code=0)
    wrong = make_answering_model("<code>define i32 @f(i32 %0) { ret i64 1 }</code>")
    said = ask("disassemble", "f.s", "--model", wrong, code=1)
    assert "does not compile: value doesn't match" in said
    assert "BLEU" not in said


def test_a_model_that_babbles_is_cut_off(ask, make_language_model):
    said = ask("disassemble", "f.c", "--model", make_language_model(), "--tokens", "20", code=1)
    assert "answer        20 tokens, cut off" in said
    assert "does not compile" in said


def test_bad_requests_are_one_sentence(work, ask, make_language_model, model):
    folder = make_language_model(context=64)
    for words, sentence in (
        (["emulate", "f.c", "--model", folder], "tokens and the model reads 64; name a file with less in it"),
        (["emulate", "f.c", "--model", model], "only a language model can be asked"),
        (["emulate", "none.c", "--model", folder], "there is no file none.c"),
        (["emulate", "f.c", "--passes", "gvn,(", "--model", folder], "not a pass list"),
        (["disassemble", "f.c", "--passes", "gvn", "--model", folder], "say what to emulate"),
        (["emulate", "f.c", "--flags=-no-such", "--model", folder], "clang has no single compile for f.c"),
        (["emulate", "f.c", "--flags='", "--model", folder], "--flags"),
    ):
        said = ask(*words, code=2)
        assert sentence in said
        assert said.startswith("llmcc-tool: ")
        assert said.count("\n") == 1
