"""LLMCC_MODEL=folder: a causal language model proposes, everything else is as with the ranker."""

import json
import shutil
from pathlib import Path

import pytest

OPTIONS = ("-disable-lsr", "-disable-machine-licm", "-enable-ext-tsp-block-placement", "-disable-block-placement")


@pytest.fixture
def language(work, make_language_model):
    """A workspace whose model is a language model, with json.c in it and clang's own object in theirs.o."""
    work.env["LLMCC_MODEL"] = str(make_language_model(options=OPTIONS))
    work.sources("json.c")
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    return work


def explained(work, path: str = "json.o") -> dict[str, object]:
    done = work.run([work.bin / "llmcc-tool", "explain", "--json", path])
    assert done.code == 0, done.stderr
    return json.loads(done.stdout)


def compiled(work, *flags: str, **how: object) -> bytes:
    done = work.llmcc("-Oz", "-c", "json.c", *flags, **how)
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    return work.read("json.o")


def written(facts: dict[str, object]) -> list[str]:
    """The recipes that the model wrote; the best of them may be finished besides."""
    return [candidate["recipe"] for candidate in facts["candidates"] if "only<" not in candidate["recipe"]]


@pytest.mark.parametrize("prompt", ["llmcc", "llm-compiler"])
def test_its_lists_are_tried_and_the_best_is_kept(language, make_language_model, prompt):
    options = OPTIONS if prompt == "llmcc" else ()
    language.as_usual().env["LLMCC_MODEL"] = str(make_language_model(prompt, options))
    mine, theirs = compiled(language), language.read("theirs.o")
    ((outcome, reason),) = language.outcomes()
    assert (outcome, reason) in (("kept", "kept"), ("fallback", "nothing-smaller"))
    assert (mine == theirs) == (outcome == "fallback")
    assert language.shape_of(mine).size <= language.shape_of(theirs).size
    facts = explained(language)
    recipes = written(facts)
    assert len(set(recipes)) == len(recipes) == 8
    assert all("<clang>" in recipe for recipe in recipes)
    # What it wrote can be applied: these are lists of this LLVM.
    assert [candidate["problem"] for candidate in facts["candidates"] if "refuses" in candidate["problem"]] == []
    assert any("language model on CPU" in note for note in facts["notes"])
    done = language.run([language.bin / "llmcc-tool", "explain", "json.o"])
    assert b"note      language model on CPU: " in done.stdout
    # The second time nothing is asked.
    compiled(language)
    assert language.outcomes() == [("hit", reason)]


def test_an_option_that_helps_is_found(language, make_language_model):
    """With so many samples some have options that make this unit smaller, whatever the weights are."""
    mine = compiled(language, env={"LLMCC_CANDIDATES": "24"})
    assert language.outcomes() == [("kept", "kept")]
    assert language.shape_of(mine).size < language.shape_of(language.read("theirs.o")).size
    assert language.shape_of(mine).defined == language.shape_of(language.read("theirs.o")).defined


def test_the_same_again_with_an_empty_cache(language):
    first, said = compiled(language), explained(language)["candidates"]
    shutil.rmtree(language.cache)
    assert compiled(language) == first
    assert explained(language)["candidates"] == said
    assert language.left_over() == []


def test_a_long_module_is_asked_about_by_parts(language, make_language_model):
    language.as_usual().env["LLMCC_MODEL"] = str(make_language_model(options=OPTIONS, context=1024))
    compiled(language)
    ((outcome, _),) = language.outcomes()
    assert outcome in ("kept", "fallback")
    facts = explained(language)
    assert len(written(facts)) == 8
    (words,) = [note for note in facts["notes"] if "longer than the context" in note]
    assert "by parts" in words


def test_a_context_too_short_for_any_function_keeps_clangs_object(language, make_language_model):
    language.env["LLMCC_MODEL"] = str(make_language_model(context=64))
    assert compiled(language) == language.read("theirs.o")
    assert [reason for _, reason in language.outcomes()] == ["nothing-smaller"]
    assert any("were not asked about" in note for note in explained(language)["notes"])


def test_what_was_typed_for_another_level_and_with_debug_information(language):
    for flags in (["-Os"], ["-g"]):
        assert language.clang("-Oz", "-c", "json.c", "-o", "theirs.o", *flags).code == 0
        mine = compiled(language, *flags)
        assert language.shape_of(mine).size <= language.shape_of(language.read("theirs.o")).size
        assert language.outcomes()[0][1] in ("kept", "nothing-smaller")


@pytest.mark.parametrize("lacking", ["model.onnx", "tokenizer.json", "config.json and llmcc.json"])
def test_a_folder_that_lacks_something_is_no_model(language, tmp_path, lacking):
    folder = tmp_path / "broken"
    shutil.copytree(language.env["LLMCC_MODEL"], folder)
    for name in lacking.split(" and "):
        (folder / name).unlink()
    whole = language.env["LLMCC_MODEL"]
    language.env["LLMCC_MODEL"] = str(folder)
    assert compiled(language) == language.read("theirs.o")
    assert language.outcomes() == [("fallback", "no-model")]
    # It is mended, and nothing of that is remembered.
    shutil.copytree(whole, folder, dirs_exist_ok=True)
    compiled(language)
    assert language.outcomes()[0][1] in ("kept", "nothing-smaller")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.onnx", b"garbage"),
        ("tokenizer.json", b"{}"),
        ("llmcc.json", b"[]"),
        ("llmcc.json", b'{"prompt": "no such form"}'),
        ("llmcc.json", b'{"version": 2}'),
        ("llmcc.json", b'{"no_such_word": 2}'),
        ("llmcc.json", b'{"options": ["-stats-json=file"]}'),
        ("llmcc.json", b'{"options": ["-inline-threshold=$(x)"]}'),
    ],
)
def test_a_folder_with_a_damaged_file_is_no_model(language, tmp_path, name, content):
    folder = tmp_path / "broken"
    shutil.copytree(language.env["LLMCC_MODEL"], folder)
    (folder / name).write_bytes(content)
    assert compiled(language, env={"LLMCC_MODEL": str(folder)}) == language.read("theirs.o")
    assert language.outcomes() == [("fallback", "no-model")]
    done = language.run([language.bin / "llmcc-tool", "doctor"], env={"LLMCC_MODEL": str(folder)})
    assert b"error    model" in done.stdout


def test_a_model_larger_than_its_tokenizer_says_is_clangs(language, tmp_path):
    """The context that llmcc.json states is longer than what the model can read: it fails half-way."""
    folder = tmp_path / "broken"
    shutil.copytree(language.env["LLMCC_MODEL"], folder)
    table = json.loads((folder / "llmcc.json").read_text())
    (folder / "llmcc.json").write_text(json.dumps(table | {"context": 1 << 20}))
    text = "".join(f"int f{at}(int *p) {{ return p[{at}] * {at}; }}\n" for at in range(300))
    language.file("json.c", text)
    assert language.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    assert compiled(language, env={"LLMCC_MODEL": str(folder)}) == language.read("theirs.o")
    assert language.outcomes() == [("fallback", "no-model")]


def test_every_file_of_the_folder_is_part_of_the_fingerprint(language, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(language.env["LLMCC_MODEL"], folder)
    language.env["LLMCC_MODEL"] = str(folder)

    def fingerprint() -> bytes:
        return language.llmcc("--llmcc-fingerprint").stdout

    seen = [fingerprint()]
    assert fingerprint() == seen[0]
    for name in sorted(path.name for path in folder.iterdir()):
        path = folder / name
        # In place: the folder itself is as it was.
        with path.open("ab") as file:
            file.write(b"\n")
        seen.append(fingerprint())
    (folder / "more").mkdir()
    (folder / "more" / "weights").write_bytes(b"1")
    seen.append(fingerprint())
    assert len(set(seen)) == len(seen) == 6
    # The same content elsewhere is the same model.
    moved = Path(shutil.copytree(folder, tmp_path / "moved"))
    language.env["LLMCC_MODEL"] = str(moved)
    assert fingerprint() == seen[-1]


def test_the_tool_knows_what_it_is(language):
    done = language.run([language.bin / "llmcc-tool", "doctor"])
    assert b"a language model (llmcc, LLVM" in done.stdout
    done = language.run([language.bin / "llmcc-tool", "certify", "--all"])
    assert (done.code, done.stdout) == (2, b"")
    assert b"is a language model, which has no recipes of its own; unset LLMCC_MODEL" in done.stderr
    assert done.stderr.count(b"\n") == 1
