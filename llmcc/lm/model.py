"""The second kind of model: a causal language model in an export folder, asked for pass lists module by module."""

import math
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from llmcc.lm.batch import Batcher
from llmcc.lm.decode import Decoder, Sample
from llmcc.lm.folder import memory_needed, model_file, read_description, require_memory
from llmcc.lm.grammar import AT_LIST, AT_TEXT, Grammar
from llmcc.lm.passes import translate
from llmcc.lm.prompt import LLMCC, OPENING, Tried, flag_tuning, parse_answer, plain_ir
from llmcc.lm.session import Session
from llmcc.lm.split import ModuleText, Part, split, without_debug_information
from llmcc.lm.suggestions import Account, Suggestions, key_of
from llmcc.lm.tokens import Tokens
from llmcc.model import refused
from toolchain.errors import ToolchainError
from toolchain.passes import CodegenOptions, KnownPasses, PassList, Recipe

ANSWER = 512
"""Tokens that are kept free for an answer, or a quarter of a short context."""

MOST_CACHED = 1 << 30
"""Bytes that the caches of all parts of a module may take together, to ask each part again."""

MOST_PARTS = 16
"""Parts of a long module that are asked about, those with the most instructions."""

PER_PART = 4
"""Lists that each part of a long module votes for in a round."""


Samples = Generator[Sample, None, None]


@dataclass(frozen=True, slots=True)
class Reply:
    """Free text that a model wrote, the tokens of the prompt and of it, and whether it came to its end."""

    text: str
    prompt_tokens: int
    tokens: int
    ended: bool


class LanguageModel:
    """A loaded folder, for an LLVM with certain passes (None: any).

    Raises ToolchainError when the folder cannot be used, ImportError when a package is missing.
    """

    def __init__(self, folder: Path, device: str = "auto", known: KnownPasses | None = None) -> None:
        self.description = read_description(folder)
        self._known = known
        self._tokens = Tokens(folder / "tokenizer.json")
        require_memory(folder, memory_needed(folder))
        self.session = Session(model_file(folder), device)
        if not self.session.on_device:
            # A step has the cache twice, as it was and as it will be.
            require_memory(folder, 2 * self.session.bytes_per_token * self.description.context)
        begin = AT_LIST if self.description.prompt == LLMCC else AT_TEXT
        grammar = Grammar(self._tokens.contents, known, self.description.options)
        opening = self._tokens.encode(f" {OPENING}", continues=True)
        self.batcher = Batcher(self.session)
        self._decoder = Decoder(self.batcher, grammar, opening, self.description.context, begin)

    def propose(self, assembly: str) -> "Suggestions":
        """The recipes to try for a module, given as LLVM assembly. Raises ToolchainError."""
        account = Account(provider=self.session.providers[0].removesuffix("ExecutionProvider"))
        text = without_debug_information(plain_ir(assembly))
        module = ModuleText(text)
        account.functions = len(module.functions)
        room = self.description.context - min(ANSWER, self.description.context // 4)
        parts = [module.whole()]
        if self._length(text) > room:
            parts, left = split(module, self._length, room, MOST_PARTS)
            account.left_out = [function.name for function in left]
        account.parts = len(parts)
        prompts = [self._tokens.encode(flag_tuning(part.text, self.description.prompt)) for part in parts]
        account.tokens = sum(map(len, prompts))
        again = partial(self._ask_again, parts, account) if self.description.feedback else None
        return Suggestions(self._ask(parts, prompts, account), account, again)

    def _ask(self, parts: list[Part], prompts: list[list[int]], account: Account) -> Iterator[Recipe]:
        """Recipes of one prompt, or by the votes of several, each about a part of the module."""
        if not parts:
            return iter(())
        if len(parts) == 1:
            return self._recipes(self._decoder.samples(prompts[0]), account)
        return self._voted(parts, prompts, account)

    def _ask_again(self, parts: list[Part], account: Account, tried: Sequence[Tried], size: int) -> Iterator[Recipe]:
        """The second round, about those parts that the context has room for beside what is told."""
        room = self.description.context - min(ANSWER, self.description.context // 4) // 2
        prompts = [self._tokens.encode(flag_tuning(part.text, self.description.prompt, tried, size)) for part in parts]
        fitting = [at for at, prompt in enumerate(prompts) if len(prompt) <= room]
        if fitting:
            account.told = len(tried)
        return self._ask([parts[at] for at in fitting], [prompts[at] for at in fitting], account)

    def greedy(self, assemblies: list[str]) -> list[Recipe | None]:
        """The most probable recipe for each of several modules that fit the context, in one batch; None where the
        answer came to no end. Raises ToolchainError."""
        prompts = [self._tokens.encode(flag_tuning(plain_ir(text), self.description.prompt)) for text in assemblies]
        found = self._decoder.greedy(prompts)
        return [self._recipe(sample, Account()) if sample is not None else None for sample in found]

    def answer(self, prompt: str, most: int = 0) -> Reply:
        """What the model writes to a prompt, without any grammar, in at most so many tokens (0: what the context
        leaves). Raises ToolchainError."""
        tokens = self._tokens.encode(prompt)
        room = self.description.context - len(tokens)
        if room <= 0:
            raise ToolchainError(
                f"the prompt has {len(tokens)} tokens and the model reads {self.description.context}; "
                "name a file with less in it"
            )
        written, ended = self._decoder.write(tokens, self._tokens.special, min(most or room, room))
        return Reply(self._tokens.text(written), len(tokens), len(written), ended)

    def _length(self, text: str) -> int:
        return len(self._tokens.encode(flag_tuning(text, self.description.prompt)))

    def _voted(self, parts: list[Part], prompts: list[list[int]], account: Account) -> Iterator[Recipe]:
        """Recipes by the votes of parts: a part's is worth its instructions, and each of its lists gets the share of it
        that the list has of the probability of all that the part has written. Round after round, as long as something
        new comes up; of a large model, whose caches cannot all be kept, one round."""
        sources = [self._decoder.samples(prompt) for prompt in prompts]
        in_rounds = account.tokens * self.session.bytes_per_token <= MOST_CACHED
        written: list[dict[Recipe, float]] = [{} for _ in parts]
        given: set[Recipe] = set()
        while True:
            for found, samples in zip(written, self._drawn(sources, keep=in_rounds), strict=True):
                for sample in samples:
                    recipe = self._recipe(sample, account)
                    if recipe is not None:
                        found[recipe] = found.get(recipe, 0.0) + math.exp(sample.log_probability)
            votes = _votes(parts, written)
            fresh = sorted(votes.keys() - given, key=lambda recipe: (-round(votes[recipe], 6), str(recipe)))
            account.repeated = account.answers - len(votes)
            if not fresh:
                return
            given.update(fresh)
            yield from fresh

    def _drawn(self, sources: list[Samples], *, keep: bool) -> Iterable[list[Sample]]:
        """A round of samples of every part: in one batch, unless caches of the others are too large to `keep`."""
        if keep and self.session.can_batch:
            yield from self.batcher.together(sources, PER_PART)
            return
        for source in sources:
            yield list(islice(self.batcher.each(source), PER_PART))
            if not keep:
                source.close()

    def _recipes(self, samples: Iterator[Sample], account: Account) -> Iterator[Recipe]:
        known: set[tuple[PassList, frozenset[str]]] = set()
        for sample in self.batcher.each(samples):
            recipe = self._recipe(sample, account)
            if recipe is not None and (key := key_of(recipe)) not in known:
                known.add(key)
                yield recipe
            else:
                account.repeated += 1

    def _recipe(self, sample: Sample, account: Account) -> Recipe | None:
        """What an answer says, in the words of the LLVM at hand."""
        text = self._tokens.text(list(sample.tokens))
        answer = parse_answer(OPENING + text if self.description.prompt == LLMCC else text)
        account.answers += 1
        if answer is None:
            return None
        translation = translate(answer.pipeline, self._known)
        account.rewritten += len(translation.rewritten)
        account.dropped += len(translation.dropped)
        recipe = Recipe(translation.pass_list, CodegenOptions.parse(answer.options))
        return None if refused(recipe) else recipe


def _votes(parts: list[Part], written: list[dict[Recipe, float]]) -> dict[Recipe, float]:
    votes: dict[Recipe, float] = {}
    for part, found in zip(parts, written, strict=True):
        whole = sum(found.values())
        for recipe, probability in found.items():
            # Probabilities of long lists may be too small for a number.
            share = probability / whole if whole > 0.0 else 1.0 / len(found)
            votes[recipe] = votes.get(recipe, 0.0) + part.instructions * share
    return votes
