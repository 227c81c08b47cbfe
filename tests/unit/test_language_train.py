"""Training a language model: what is shown to it, and that the graph that is written computes what was trained."""

import random

import numpy
import pytest

from llmcc.lm.folder import Description
from llmcc.lm.grammar import AT_LIST, Grammar, Phase
from llmcc.lm.model import LanguageModel
from llmcc.lm.session import Session
from llmcc.tune import language
from llmcc.tune.decoder import Shape, drawn_weights, write_folder
from llmcc.tune.evaluate import UnitResult
from llmcc.tune.train import TrainingSet
from tests.unit.test_model import vectors_of
from toolchain.measure import Measurement
from toolchain.passes import Recipe

BODY = "define i32 @f{n}(i32 %0) {{\n  %2 = add i32 %0, {n}\n  %3 = mul i32 %2, %0\n  ret i32 %3\n}}\n\n"
GOOD, BETTER = Recipe.parse("<clang>,mergefunc"), Recipe.parse("function(gvn),<clang> | -disable-lsr")
USELESS = Recipe.parse("<clang>,globaldce")


def result(unit: str) -> UnitResult:
    def sized(size: int) -> Measurement:
        return Measurement(size, 0, 0, 0, 0)

    trials = ((GOOD, sized(98), 0.1, ""), (BETTER, sized(95), 0.1, ""), (USELESS, sized(100), 0.1, ""))
    return UnitResult(unit, "matrix", sized(100), trials)


@pytest.fixture
def texts() -> dict[str, str]:
    return {f"p{n}/u": "".join(BODY.format(n=m) for m in range(n, n + 1 + 3 * n)) for n in range(4)}


@pytest.fixture
def tokenizer(texts):
    return language.train_tokenizer([*texts.values(), *map(str, (GOOD, BETTER))], 400)


def test_the_better_a_recipe_is_the_likelier_it_is_shown():
    recipes = language.good_recipes(result("p/u"), lambda recipe: True)
    assert recipes == ((BETTER, pytest.approx(0.05)), (GOOD, pytest.approx(0.02)))
    assert [recipe for recipe, _ in language.good_recipes(result("p/u"), lambda recipe: recipe != BETTER)] == [GOOD]
    example = language.Example("p/u", "", recipes, 100)
    chance = random.Random(1)
    shown = [example.draw(chance) for _ in range(300)]
    assert set(shown) == {f"{BETTER}' 100 95", f"{GOOD}' 100 98"}
    assert 5 < shown.count(f"{GOOD}' 100 98") < 40


def test_what_is_shown_is_what_the_grammar_lets_through(tokenizer):
    grammar = Grammar([bytes((byte,)) for byte in range(256)], None, ("-disable-lsr",))
    example = language.Example("p/u", "", language.good_recipes(result("p/u"), lambda recipe: True), 100)
    chance = random.Random(2)
    for _ in range(10):
        assert grammar.read(AT_LIST, example.draw(chance).encode()).phase is Phase.DONE


def test_long_modules_are_shown_in_parts(texts, tokenizer):
    results = [result(unit) for unit in texts]
    context = language.ROOM + len(tokenizer.encode(texts["p1/u"]).ids)
    examples = list(language.make_examples(texts, results, tokenizer, context, lambda recipe: True))
    by_unit = {unit: [example for example in examples if example.unit == unit] for unit in texts}
    assert by_unit["p0/u"][0].ir == texts["p0/u"]
    assert 1 < len(by_unit["p3/u"]) <= language.PARTS
    names = [f"@f{n}(" for n in range(3, 13)]
    assert all(sum(name in example.ir for example in by_unit["p3/u"]) <= 1 for name in names)


def test_a_second_round_is_shown_with_what_was_tried(texts, tokenizer):
    results = [result(unit) for unit in texts]
    plain = list(language.make_examples(texts, results, tokenizer, 1024, lambda recipe: True))
    examples = list(
        language.make_examples(texts, results, tokenizer, 1024, lambda recipe: recipe != GOOD, feedback=True)
    )
    first = [example for example in examples if not example.tried]
    assert [example.ir for example in first] == [example.ir for example in plain]
    # All that may be told was told, the best among it: nothing better is left to show.
    assert first == examples
    more = ((Recipe.parse(f"<clang>,mergefunc | -x={n}"), Measurement(99 + n, 0, 0, 0, 0), 0.1, "") for n in range(9))
    results = [UnitResult(each.unit, each.batch, each.baseline, (*each.trials, *more)) for each in results[:1]]
    (alone, second) = language.make_examples(texts, results, tokenizer, 1024, lambda recipe: True, feedback=True)
    assert second.ir == alone.ir
    assert len(second.tried) == 4
    assert [each.size for each in second.tried] == sorted(each.size for each in second.tried)
    best = min(each.size for each in second.tried)
    assert second.recipes
    assert all(100 * (1 - saving) < min(100, best) for _, saving in second.recipes)
    assert second.prompt.count("; -p '") == 5
    (again, _) = language.make_examples(texts, results, tokenizer, 1024, lambda recipe: True, feedback=True)
    assert again == alone


def test_every_example_is_in_a_batch():
    chance = random.Random(1)
    order = language._in_batches(list(range(21)), chance)
    assert len(order) % language.BATCH == 0
    assert set(order) == set(range(21))


def test_the_graph_computes_what_torch_computes(texts, tokenizer, tmp_path):
    """And so does training: the same weights twice, better than those at the start."""
    torch = pytest.importorskip("torch", reason="training needs the extra `export`")
    shape = Shape(tokenizer.get_vocab_size(), 256, layers=2, heads=2, width=32)
    weights = drawn_weights(shape, 3)
    write_folder(tmp_path / "drawn", shape, weights, tokenizer, Description(prompt="llmcc"))
    session = Session(tmp_path / "drawn" / "model.onnx", "cpu")
    tokens = list(range(1, 40))
    tensors = {name: torch.tensor(value) for name, value in weights.items()}
    wanted = language.forward(tensors, shape, torch.tensor([tokens]))[0, -1].numpy()
    assert abs(session.start([tokens])[0][0] - wanted).max() < 1e-4
    results = [result(unit) for unit in texts]
    examples = list(language.make_examples(texts, results, tokenizer, 256, lambda recipe: True))
    said: list[str] = []
    first, again = (language.train(examples, tokenizer, shape, 60, 1, said.append) for _ in range(2))
    assert all((first[name] == again[name]).all() for name in first)
    write_folder(
        tmp_path / "own", shape, first, tokenizer, Description(prompt="llmcc", options=("-disable-lsr",), context=256)
    )
    model = LanguageModel(tmp_path / "own", "cpu")
    assert model.propose(texts["p0/u"]).take(1) == [BETTER]


def test_others_are_judged_on_the_same_units_that_were_left_out():
    recipes = tuple(Recipe.parse(text) for text in ("<clang>", "<clang>,mergefunc", "mergefunc,<clang>"))
    vectors = vectors_of(numpy.random.default_rng(1), 40, 0)
    # Two kinds of units: the second recipe is for the one, the third for the other.
    kinds = numpy.arange(40) % 2
    vectors[:, 0] = 10.0 * kinds
    savings = numpy.zeros((40, 3), dtype=numpy.float32)
    savings[numpy.arange(40), 1 + kinds] = 0.06
    packages = tuple("held" if unit < 10 else f"p{unit % 3}" for unit in range(40))
    data = TrainingSet(vectors, savings, packages, ("x86_64",) * 40, recipes)
    told = language.judge_beside(data, {"held"}, 40, 1)
    assert list(told) == ["ranker", "fixed order", "random order"]
    assert told["ranker"][1] == pytest.approx(0.06)
    assert told["fixed order"][1] == pytest.approx(0.03)
    assert told["random order"][1] == pytest.approx(0.02)
    assert all(row[8] == pytest.approx(0.06) for row in told.values())
