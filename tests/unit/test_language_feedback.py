"""A model that says it was trained for it is asked once more, with the sizes of what was tried; others are not."""

import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from llmcc.lm.folder import read_description
from llmcc.lm.model import LanguageModel
from llmcc.lm.prompt import Tried, flag_tuning
from llmcc.lm.split import ModuleText
from toolchain.errors import ToolchainError

BODY = "define i32 @f{n}(i32 %0) {{\n  %2 = add i32 %0, {n}\n  ret i32 %2\n}}\n\n"
TEXT = BODY.format(n=1)


@pytest.fixture
def trained(make_language_model, tmp_path) -> Callable[..., Path]:
    """Make the folder of a model that says it was trained for a second round."""

    def make(**how: object) -> Path:
        folder = Path(shutil.copytree(make_language_model(**how), tmp_path / "trained"))
        table = json.loads((folder / "llmcc.json").read_text())
        (folder / "llmcc.json").write_text(json.dumps(table | {"feedback": True}))
        return folder

    return make


@pytest.mark.parametrize("prompt", ["llmcc", "llm-compiler"])
def test_the_second_round_knows_what_was_tried(trained, prompt):
    model = LanguageModel(trained(prompt=prompt), "cpu")
    suggestions = model.propose(TEXT)
    first = suggestions.take(4)
    suggestions.observe(first[0], -0.1, (100, 110))
    suggestions.observe(first[1], 0.1, (100, 90))
    # What could not be measured has no size to tell.
    suggestions.observe(first[2], -0.15, None)
    second = suggestions.take(3)
    tried = (Tried(str(first[1]), 90), Tried(str(first[0]), 110))
    asked = model._tokens.encode(flag_tuning(TEXT, prompt, tried, 100))
    samples = itertools.islice(model._decoder.samples(asked), 40)
    recipes = [model._recipe(sample, model.propose(TEXT).account) for sample in samples]
    assert second == [recipe for recipe in dict.fromkeys(recipes) if recipe is not None and recipe not in first][:3]
    assert "it was asked once more, with the sizes of 2 lists that were tried" in suggestions.words()
    # It is asked once.
    suggestions.observe(second[0], 0.2, (100, 80))
    third = suggestions.take(2)
    assert len({*first, *second, *third}) == 9
    assert suggestions.account.told == 2


def test_a_model_that_was_not_trained_for_it_is_not_told(make_language_model):
    model = LanguageModel(make_language_model(), "cpu")
    silent, told = model.propose(TEXT), model.propose(TEXT)
    first = silent.take(4)
    assert told.take(4) == first
    for recipe in first:
        told.observe(recipe, 0.1, (100, 90))
    assert told.take(4) == silent.take(4)
    assert told.words() == silent.words()


def test_parts_are_asked_again_where_there_is_room(trained):
    model = LanguageModel(trained(context=256), "cpu")
    text = "".join(BODY.format(n=n) for n in range(1, 30))
    suggestions = model.propose(text)
    first = suggestions.take(4)
    assert suggestions.account.parts > 4
    suggestions.observe(first[0], 0.1, (100, 90))
    asked = suggestions.account.tokens
    assert len({*first, *suggestions.take(4)}) == 8
    assert suggestions.account.tokens == asked
    assert suggestions.account.told == 1
    # So long a list leaves no part room: what the first round has left goes on.
    alone, other = model.propose(text), model.propose(text)
    assert alone.take(4) == other.take(4) == first
    long = type(first[0])(type(first[0].pass_list)(("globaldce",) * 100 + ("<clang>",)))
    other.observe(long, 0.1, (100, 90))
    assert other.take(4) == alone.take(4)
    assert other.account.told == 0
    assert len(ModuleText(text).functions) == 29


def test_the_field_is_read_and_checked(trained):
    folder = trained()
    assert read_description(folder).feedback
    table = json.loads((folder / "llmcc.json").read_text())
    (folder / "llmcc.json").write_text(json.dumps(table | {"feedback": "yes"}))
    with pytest.raises(ToolchainError, match="feedback must be true or false"):
        read_description(folder)
