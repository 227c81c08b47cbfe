"""Train a small causal language model on the results of a search: from a module's assembly to the recipe that was
best on it. It becomes an export folder like any other (see llmcc.lm.folder).

An example is a module, or the part of a long one that holds some of its functions, and a recipe that was good for the
whole; behind the recipe stand its sizes before and after, which a model learns to foretell on the way (nobody asks for
them: the list has ended by then). Which of a module's good recipes is shown is drawn anew each time, the better the
likelier, so that the model's probabilities rank them.
"""

import math
import random
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from llmcc.lm.model import LanguageModel
from llmcc.lm.prompt import CLOSING, LLMCC, Tried, flag_tuning, plain_ir
from llmcc.lm.split import ModuleText, split, without_debug_information
from llmcc.model import FIRST
from llmcc.tune.corpus import Unit
from llmcc.tune.decoder import Shape, drawn_weights
from llmcc.tune.evaluate import UnitResult, open_unit
from llmcc.tune.train import HeldOut, TrainingSet, best_at_random, best_of, try_held_out
from toolchain.errors import ToolchainError
from toolchain.passes import Recipe

END = "<end>"

SHOWN = 8
"""Recipes of a module that may be shown."""

SHARPNESS = 100.0
"""A recipe that saves one percent more is shown e times as often."""

PARTS = 4
"""Parts of a long module that are shown, those with the most instructions."""

ROOM = 160
"""Tokens that are kept for the answer."""


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt's IR, the recipes that were good for its module with the shares that they save, and the size of clang's
    own object in bytes of text + data. Of a second round: what was tried before, best first."""

    unit: str
    ir: str
    recipes: tuple[tuple[Recipe, float], ...]
    size: int
    tried: tuple[Tried, ...] = ()

    @property
    def prompt(self) -> str:
        return flag_tuning(self.ir, LLMCC, self.tried, self.size)

    def draw(self, chance: random.Random) -> str:
        """An answer: one of the recipes, the better the likelier, and the sizes."""
        best = self.recipes[0][1]
        weights = [math.exp(SHARPNESS * (saving - best)) for _, saving in self.recipes]
        ((recipe, saving),) = chance.choices(self.recipes, weights)
        return f"{recipe}{CLOSING} {self.size} {round(self.size * (1.0 - saving))}"


def train_tokenizer(texts: Iterable[str], size: int) -> Any:
    """A byte-level BPE tokenizer of at most `size` tokens; every text can be told with it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[END], initial_alphabet=sorted(alphabet), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def read_assembly(unit: Unit) -> str:
    """A unit's unoptimised IR as prompts have it. Raises ToolchainError."""
    with tempfile.TemporaryDirectory(prefix="llmcc-") as folder:
        path = Path(folder) / "unit.ll"
        opened, _ = open_unit(unit, folder, partial(_keep, path))
        with opened as applier:
            applier.describe()
        return without_debug_information(plain_ir(path.read_text(errors="replace")))


HELD_OUT = 8
"""One package in so many is left out of training, to judge by."""


def read_texts(units: Iterable[Unit]) -> dict[str, str]:
    """The IR of units, by name; units that cannot be opened are left out."""
    texts = {}
    for unit in units:
        try:
            texts[unit.name] = read_assembly(unit)
        except ToolchainError:
            continue
    return texts


def _keep(path: Path, text: bytes) -> list[float]:
    path.write_bytes(text)
    return []


def good_recipes(result: UnitResult, allowed: Callable[[Recipe], bool]) -> tuple[tuple[Recipe, float], ...]:
    """The best of a unit's recipes with the shares that they save, best first; those that save nothing left out."""
    savings = {recipe: result.saving(measured) for recipe, measured, _, _ in result.trials if allowed(recipe)}
    order = sorted(savings, key=lambda recipe: (-savings[recipe], len(recipe.pass_list), str(recipe)))
    return tuple((recipe, savings[recipe]) for recipe in order[:SHOWN] if savings[recipe] > 0.0)


def make_examples(
    texts: Mapping[str, str],
    results: Sequence[UnitResult],
    tokenizer: Any,
    context: int,
    allowed: Callable[[Recipe], bool],
    *,
    feedback: bool = False,
) -> Iterator[Example]:
    """The examples of modules, given by unit as assembly; long ones in parts. With `feedback` each is there a second
    time, where there is room, with recipes that were tried and those that were better."""
    room = context - ROOM

    def length(ir: str) -> int:
        return len(tokenizer.encode(flag_tuning(ir, LLMCC)).ids)

    for result in results:
        recipes = good_recipes(result, allowed)
        text = texts.get(result.unit)
        if text is None or not recipes:
            continue
        parts = [text]
        if length(text) > room:
            parts = [part.text for part in split(ModuleText(text), length, room, PARTS)[0]]
        for ir in parts:
            yield (example := Example(result.unit, ir, recipes, result.baseline.size))
            second = _second_round(example, result, allowed) if feedback else None
            if second is not None and len(tokenizer.encode(second.prompt).ids) <= room:
                yield second


def _second_round(example: Example, result: UnitResult, allowed: Callable[[Recipe], bool]) -> Example | None:
    """The example with some recipes that were tried; None where none of its own is better than those."""
    chance = random.Random(example.ir)
    sizes = {str(recipe): measured.size for recipe, measured, _, _ in result.trials if measured and allowed(recipe)}
    shown = chance.sample(sorted(sizes), min(FIRST, len(sizes)))
    tried = sorted((Tried(recipe, sizes[recipe]) for recipe in shown), key=lambda each: (each.size, each.recipe))
    best = min([example.size, *(each.size for each in tried)])
    better = tuple((recipe, saving) for recipe, saving in example.recipes if sizes[str(recipe)] < best)
    return replace(example, recipes=better, tried=tuple(tried)) if better else None


def train(
    examples: Sequence[Example], tokenizer: Any, shape: Shape, steps: int, seed: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """The weights of a decoder of this shape after so many steps of `BATCH` examples. Deterministic on one machine.

    Raises ImportError without torch.
    """
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    chance = random.Random(seed)
    prompts = [tokenizer.encode(example.prompt).ids for example in examples]
    weights = {
        name: torch.tensor(value, requires_grad=True) for name, value in drawn_weights(shape, seed, spread=0.02).items()
    }
    decayed = [value for value in weights.values() if value.ndim > 1]
    plain = [value for value in weights.values() if value.ndim == 1]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))
    end = tokenizer.token_to_id(END)
    order: list[int] = []
    for step in range(steps):
        if len(order) < BATCH:
            order = _in_batches([len(prompt) for prompt in prompts], chance)
        chosen, order = order[:BATCH], order[BATCH:]
        rows = []
        for at in chosen:
            answer = tokenizer.encode(examples[at].draw(chance)).ids
            rows.append(([*prompts[at], *answer, end][: shape.context], len(prompts[at])))
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 100) * (0.05 + 0.95 * (1 + math.cos(math.pi * step / steps)) / 2)
        loss, answers = _loss(weights, shape, rows)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(weights.values()), 1.0)
        optimiser.step()
        if (step + 1) % 50 == 0 or step + 1 == steps:
            say(f"step {step + 1} of {steps}: {float(answers.detach()):.3f} nats per token of the answer")
    return {name: value.detach().numpy() for name, value in weights.items()}


BATCH = 8
RATE = 2e-3
PROMPT_SHARE = 0.1
"""Weight of the prompt's tokens in what is minimised: they teach the model what IR is like."""


def _in_batches(lengths: Sequence[int], chance: random.Random) -> list[int]:
    """Every example once, in an order in which those of one batch are about as long."""
    order = sorted(range(len(lengths)), key=lambda at: (lengths[at], chance.random()))
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    batches = [
        batch if len(batch) == BATCH else [*batch, *chance.choices(order, k=BATCH - len(batch))] for batch in batches
    ]
    chance.shuffle(batches)
    return [at for batch in batches for at in batch]


def _loss(weights: Mapping[str, Any], shape: Shape, rows: Sequence[tuple[list[int], int]]) -> tuple[Any, Any]:
    """What is minimised, and the mean over the answers' tokens alone."""
    import torch

    longest = max(len(tokens) for tokens, _ in rows)
    tokens = torch.zeros((len(rows), longest), dtype=torch.int64)
    share = torch.zeros((len(rows), longest))
    for row, (numbers, begin) in enumerate(rows):
        tokens[row, : len(numbers)] = torch.tensor(numbers)
        share[row, 1:begin] = PROMPT_SHARE
        share[row, begin : len(numbers)] = 1.0
    logits = forward(weights, shape, tokens)[:, :-1]
    losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, 1:], reduction="none")
    of_answers = share[:, 1:] == 1.0
    return (losses * share[:, 1:]).sum() / share.sum(), losses[of_answers].mean()


def forward(weights: Mapping[str, Any], shape: Shape, tokens: Any) -> Any:
    """Logits [B, T, V] of what `llmcc.tune.decoder` builds, in torch, for tokens [B, T] padded on the right."""
    from torch.nn.functional import layer_norm, scaled_dot_product_attention, silu

    rows, length = tokens.shape

    def normed(hidden: Any, name: str) -> Any:
        return layer_norm(hidden, (shape.width,), weights[f"{name}.scale"], weights[f"{name}.bias"])

    hidden = weights["tokens"][tokens] + weights["positions"][:length]
    for layer in range(shape.layers):
        mixed = normed(hidden, f"{layer}.before") @ weights[f"{layer}.attention"]
        mixed = mixed.view(rows, length, 3, shape.heads, shape.width // shape.heads).permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(mixed[0], mixed[1], mixed[2], is_causal=True)
        hidden = hidden + seen.transpose(1, 2).reshape(rows, length, shape.width) @ weights[f"{layer}.gather"]
        wide = silu(normed(hidden, f"{layer}.between") @ weights[f"{layer}.up"])
        hidden = hidden + wide @ weights[f"{layer}.down"]
    return normed(hidden, "last") @ weights["tokens"].T


COUNTS = (1, 8, 30)
"""Numbers of samples that a model is judged by."""


def judge_samples(
    model: LanguageModel, texts: Mapping[str, str], results: Sequence[UnitResult], allowed: Callable[[Recipe], bool]
) -> tuple[dict[int, float], float]:
    """The mean share that the best of the first samples saves of units that have a text, by their number, and what the
    best of all recipes does.

    A recipe that the search has not tried on a unit counts for nothing: what is said is rather too little.
    """
    totals, oracle, units = dict.fromkeys(COUNTS, 0.0), 0.0, 0
    for result in results:
        if result.unit not in texts:
            continue
        savings = {recipe: result.saving(measured) for recipe, measured, _, _ in result.trials if allowed(recipe)}
        suggestions = model.propose(texts[result.unit])
        suggestions.restrict(allowed)
        found = [savings.get(recipe, 0.0) for recipe in suggestions.take(max(COUNTS))]
        for count in COUNTS:
            totals[count] += max([0.0, *found[:count]])
        oracle += max([0.0, *savings.values()])
        units += 1
    return {count: total / max(1, units) for count, total in totals.items()}, oracle / max(1, units)


def judge_beside(data: TrainingSet, held: Collection[str], trees: int, seed: int) -> dict[str, dict[int, float]]:
    """What others save of the whole units of the packages `held`, by number of candidates: a ranker of all other units,
    the order that is best for those, and a random order."""
    import numpy

    packages = numpy.isin(numpy.asarray(data.packages), sorted(held))
    tried = list(try_held_out(data, packages, trees, seed))

    def mean(best: Callable[[HeldOut, int], float]) -> dict[int, float]:
        return {count: sum(best(unit, count) for unit in tried) / max(1, len(tried)) for count in COUNTS}

    return {
        "ranker": mean(lambda unit, count: best_of(unit.chosen[:count])),
        "fixed order": mean(lambda unit, count: best_of(unit.fixed[:count])),
        "random order": mean(lambda unit, count: best_at_random(list(map(float, data.savings[unit.unit])), count)),
    }
