"""`llmcc-tool model`: folders in other number formats are models too, and are compared with the one they are from."""

import json
from pathlib import Path

import pytest

from llmcc.lm import folder as folders
from llmcc.lm.model import LanguageModel
from toolchain.errors import ToolchainError

OPTIONS = ("-disable-lsr", "-disable-machine-licm", "-enable-ext-tsp-block-placement", "-disable-block-placement")


def tool(work, *args, code: int = 0, **how) -> str:
    done = work.run([work.bin / "llmcc-tool", "model", *args], **how)
    assert done.code == code, done.stderr
    return done.stdout.decode() if code < 2 else done.stderr.decode()


@pytest.fixture
def folder(make_language_model) -> Path:
    return make_language_model(options=OPTIONS)


@pytest.fixture
def units(work) -> Path:
    """A folder with the units of a small build."""
    work.sources("json.c", "csv.c")
    record = work.root / "units"
    for name in ("json.c", "csv.c"):
        env = {"LLMCC_RECORD": str(record), "LLMCC_CANDIDATES": "0"}
        assert work.llmcc("-Oz", "-c", name, env=env).code == 0
    return record


@pytest.mark.parametrize("dtype", ["fp16", "int8", "int4"])
def test_a_rounded_model_is_a_model(work, folder, units, dtype):
    out = work.root / dtype
    said = tool(work, "export", folder, "--out", out, "--dtype", dtype)
    assert f"{dtype}, " in said
    assert "check it before it is used" in said
    facts = json.loads(tool(work, "info", out, "--json"))
    assert facts["dtype"] == dtype
    assert facts["prompt"] == "llmcc"
    assert tuple(facts["options"]) == OPTIONS
    assert facts["memory"] < json.loads(tool(work, "info", folder, "--json"))["memory"]
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_MODEL": str(out)}).code == 0
    assert work.outcomes()[-1][1] in ("kept", "nothing-smaller")
    # What rounding costs is measured; with no tolerance that could be met, it is refused, whatever the rounding.
    same = ["check", out, "--reference", folder, "--corpus", units, "--samples", "4"]
    told = json.loads(tool(work, *same, "--tolerance", "100", "--json"))
    assert told["units"] == 2
    assert 0.0 <= told["common"] <= 1.0
    assert told["good"]
    if dtype == "int4":
        assert ": worse" in tool(work, *same, "--tolerance", "-100", code=1)


def test_a_model_is_as_good_as_itself(work, folder, units):
    told = json.loads(
        tool(work, "check", folder, "--reference", folder, "--corpus", units, "--tolerance", "0", "--json")
    )
    assert told["same_first"] == told["common"] == 1.0
    assert told["saving"] == told["reference_saving"] > 0.0


def test_the_licence_travels_with_the_weights(work, folder):
    source = work.root / "llm-compiler-of-ours"
    source.mkdir()
    for path in folder.iterdir():
        (source / path.name).write_bytes(path.read_bytes())
    table = json.loads((source / "llmcc.json").read_text())
    (source / "llmcc.json").write_text(json.dumps(table | {"prompt": "llm-compiler"}))
    (source / "LICENSE.txt").write_text("an agreement")
    said = tool(work, "export", source, "--out", work.root / "out")
    assert "Built with LLM Compiler" in said
    assert (work.root / "out" / "LICENSE.txt").read_text() == "an agreement"
    assert "Built with LLM Compiler" in tool(work, "info", work.root / "out")


def test_bad_requests_are_one_sentence(work, folder, units):
    rounded = work.root / "rounded"
    tool(work, "export", folder, "--out", rounded, "--dtype", "fp16")
    empty = work.root / "empty"
    empty.mkdir()
    for words, sentence in (
        (["export", folder, "--out", folder], "is not empty"),
        (["export", rounded, "--out", work.root / "again", "--dtype", "int8"], "are rounded already"),
        (["export", work.root / "nothing", "--out", work.root / "none"], "export"),
        (["info", empty], "cannot be read"),
        (["info", work.root / "nothing"], "there is no model folder"),
        (["check", folder, "--reference", folder, "--corpus", empty], "neither a corpus nor"),
    ):
        said = tool(work, *words, code=2)
        assert sentence in said
        assert said.startswith("llmcc-tool: ")
        assert said.count("\n") == 1


def test_a_model_larger_than_memory_is_a_sentence_and_a_fall_back(work, folder):
    """A hole in a file takes no room on the disk."""
    large = work.root / "large"
    large.mkdir()
    for path in folder.iterdir():
        (large / path.name).write_bytes(path.read_bytes())
    with (large / "model.onnx_data").open("wb") as file:
        file.truncate(1 << 43)
    said = tool(work, "info", large, code=2)
    assert "needs 8192.0 GiB of memory" in said
    assert said.count("\n") == 1
    # The digest of so much would take its time: the model's id is not what is tested here.
    with pytest.raises(ToolchainError, match="export it with --dtype int4"):
        LanguageModel(large, "cpu")


def test_the_bound_of_a_container_counts(tmp_path):
    for name, content in (
        ("memory.max", "1000\n"),
        ("memory.current", "700\n"),
        ("memory.stat", "anon 1\ninactive_file 300\n"),
    ):
        (tmp_path / name).write_text(content)
    assert folders._free_in_container(tmp_path) == 600
    (tmp_path / "memory.max").write_text("max\n")
    assert folders._free_in_container(tmp_path) > 1 << 50
