"""Folders of any shape with weights drawn by chance, and what `llmcc-tool model speed` says of them."""

import json

import numpy
import onnx
import pytest
from onnx import numpy_helper

from llmcc.lm.model import LanguageModel
from llmcc.lm.session import Session
from llmcc.tune import speed
from llmcc.tune.decoder import BLOCK, Shape, decoder_graph

SHAPE = Shape(700, 512, layers=2, heads=2, width=128)
TEXT = "define i32 @f(i32 %0) {\n  %2 = add i32 %0, 1\n  ret i32 %2\n}\n"
PROMPTS = [[5, 9, 12, 80, 3], [7]]


@pytest.fixture
def tool(work):
    def called(*args, code: int = 0, prefix=()) -> str:
        done = work.run([*prefix, work.bin / "llmcc-tool", "model", *args])
        assert done.code == code, done.stderr
        return (done.stdout if code < 2 else done.stderr).decode()

    return called


@pytest.fixture(params=["fp32", "fp16", "int4"])
def drawn(work, tool, request):
    out = work.root / request.param
    said = tool("export", "--random", "2,128,2,700,512", "--out", out, "--dtype", request.param)
    assert f"{request.param}, " in said
    return out


def unpacked(weights: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
    """Weights in fp32; four bits are a number from -8 to 7, the lower half of a byte first."""
    plain = {}
    for name, value in weights.items():
        if name.endswith(".packed"):
            numbers = numpy.stack([value & 15, value >> 4], axis=-1).reshape(value.shape[0], -1).astype(numpy.float32)
            scales = weights[name.replace(".packed", ".scales")].reshape(value.shape[0], -1)
            plain[name.removesuffix(".packed")] = ((numbers - 8) * scales.repeat(BLOCK, axis=1)).T.copy()
        elif not name.endswith(".scales"):
            plain[name] = value.astype(numpy.float32)
    return plain


def test_a_drawn_model_computes_what_its_weights_say(work, drawn):
    loaded = onnx.load(drawn / "model.onnx")
    weights = {each.name: numpy_helper.to_array(each) for each in loaded.graph.initializer}
    weights = {name: value for name, value in unpacked(weights).items() if name in SHAPE.weights()}
    assert {name: value.shape for name, value in weights.items()} == SHAPE.weights()
    (work.root / "plain.onnx").write_bytes(decoder_graph(SHAPE, weights).SerializeToString())
    plain, session = Session(work.root / "plain.onnx", "cpu"), Session(drawn / "model.onnx", "cpu")
    (wanted, before), (found, cache) = plain.start(PROMPTS), session.start(PROMPTS)
    spread = wanted.std()
    assert spread > 0.01
    numpy.testing.assert_allclose(found, wanted, atol=0.05 * spread)
    wanted, found = plain.step([[4], [5]], before)[0], session.step([[4], [5]], cache)[0]
    numpy.testing.assert_allclose(found, wanted, atol=0.05 * spread)


def test_a_drawn_model_is_a_model(tool, drawn):
    facts = json.loads(tool("info", drawn, "--json"))
    assert (facts["dtype"], facts["context"], facts["prompt"]) == (drawn.name, 512, "llm-compiler")
    recipes = LanguageModel(drawn, "cpu").propose(TEXT).take(3)
    assert len(set(recipes)) == 3


def test_its_speed_is_told(tool, drawn):
    args = ("speed", drawn, "--prompt", "40", "--tokens", "5", "--rows", "1", "3")
    facts = json.loads(tool(*args, "--json"))
    assert facts["weights"] == json.loads(tool("info", drawn, "--json"))["memory"] < facts["peak_memory"]
    assert (facts["runs_on"], facts["dtype"]) == ("CPU", drawn.name)
    assert facts["bandwidth"] > 0
    assert [(each["rows"], each["length"]) for each in facts["speeds"]] == [(1, 40), (3, 40)]
    for each in facts["speeds"]:
        assert each["prefill"] > 0 < each["decode"]
        steps = each["decode"] / each["rows"]
        moved = facts["weights"] + each["rows"] * facts["cache_per_token"] * (40 + 2)
        assert each["traffic"] == pytest.approx(steps * moved)
        assert each["share"] == pytest.approx(each["traffic"] / facts["bandwidth"], rel=1e-6)
    said = tool(*args)
    assert "  1 x 40 tokens: read " in said
    assert "% of what that copy allows" in said


def test_the_same_seed_draws_the_same(work, tool):
    for name in ("a", "b"):
        tool("export", "--random", "1,32,1,512,64", "--out", work.root / name, "--dtype", "int4")
    for path in (work.root / "a").iterdir():
        assert path.read_bytes() == (work.root / "b" / path.name).read_bytes()


def test_a_copy_on_a_device_reads_and_writes_all():
    """As on CUDA, with the memory of the CPU."""
    assert speed.fastest(speed._on_device(numpy.ones(1000, dtype=numpy.float32), "cpu"))[0] > 0


def test_too_little_memory_is_one_sentence(work, tool):
    """What the limit leaves is enough for the model, and not for the logits of so many prompts: 4 GiB."""
    tool("export", "--random", "1,32,1,32768,1024", "--out", work.root / "wide")
    limited = ["sh", "-c", 'ulimit -v 4194304; exec "$@"', "sh"]
    args = ("speed", work.root / "wide", "--prompt", "512", "--tokens", "4")
    said = tool(*args, "--rows", "64", code=2, prefix=limited)
    assert said.startswith("llmcc-tool: there is not enough memory to read 64 x 512 tokens; export the model with")
    assert said.count("\n") == 1
    assert "  1 x 512" in tool(*args, "--rows", "1", prefix=limited)


def test_bad_requests_are_one_sentence(work, tool, make_answering_model, make_language_model):
    out = ("--out", work.root / "out")
    for words, sentence in (
        (["export", *out], "a model is made from a source or at random"),
        (["export", "x", "--random", "1,32,1,512,64", *out], "a model is made from a source or at random"),
        (["export", "--random", "1,32", *out], "is no shape; give layers,width,heads,vocabulary,context"),
        (["export", "--random", "1,0,1,512,64", *out], "is no shape"),
        (["export", "--random", "1,40,1,512,64", *out], "make no model"),
        (["export", "--random", "1,32,1,512,64", *out, "--dtype", "int8"], "give --dtype fp32 or fp16 or int4"),
        (["export", "--random", "1,32,1,512,64", "--out", "/proc/x"], "name another folder"),
        (["speed", make_answering_model("x")], "give --rows 1"),
        (["speed", make_language_model(context=512)], "reads 512 tokens"),
    ):
        said = tool(*words, code=2)
        assert sentence in said
        assert said.startswith("llmcc-tool: ")
        assert said.count("\n") == 1
    assert not (work.root / "out").exists()
