"""What shares a batch gets the answers that it gets alone, whoever comes and goes meanwhile."""

import itertools
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

from llmcc.lm.batch import MOST_PADDING, MOST_ROWS, Batcher
from llmcc.lm.decode import Decoder, Sample
from llmcc.lm.grammar import AT_LIST, Grammar
from llmcc.lm.model import LanguageModel
from llmcc.lm.prompt import OPENING
from llmcc.lm.session import Session
from llmcc.lm.tokens import Tokens
from toolchain.errors import ToolchainError

BODY = "define i32 @f{n}(i32 %0) {{\n  %2 = add i32 %0, {n}\n  %3 = mul i32 %2, {n}\n  ret i32 %3\n}}\n\n"


@pytest.fixture(scope="module")
def folder(make_language_model) -> Path:
    return make_language_model()


@pytest.fixture(scope="module")
def tokens(folder) -> Tokens:
    return Tokens(folder / "tokenizer.json")


@pytest.fixture(scope="module")
def grammar(tokens) -> Grammar:
    return Grammar(tokens.contents, None, ("-disable-lsr",))


@pytest.fixture(params=[False, True], ids=["plain", "bound"])
def session(folder, request) -> Session:
    """As on the CPU, and as on CUDA."""
    return Session(folder / "model.onnx", "cpu", bound=request.param)


def decoder(session: Session | Batcher, grammar: Grammar, tokens: Tokens) -> Decoder:
    return Decoder(session, grammar, tokens.encode(f" {OPENING}", continues=True), 8192, AT_LIST)


def some_tokens(count: int, seed: int) -> list[int]:
    chance = random.Random(seed)
    return [chance.randrange(1, 600) for _ in range(count)]


def same(found: list[Sample], wanted: list[Sample]) -> bool:
    return [each.tokens for each in found] == [each.tokens for each in wanted]


@pytest.mark.parametrize("lengths", [(20,), (40, 40, 41), (5, 90, 33, 600, 34), tuple(range(30, 30 + MOST_ROWS + 3))])
def test_together_is_as_alone(session, grammar, tokens, lengths):
    prompts = [some_tokens(length, length) for length in lengths]
    alone = [list(itertools.islice(decoder(session, grammar, tokens).samples(prompt), 4)) for prompt in prompts]
    batcher = Batcher(session)
    sources = [decoder(batcher, grammar, tokens).samples(prompt) for prompt in prompts]
    together = batcher.together(sources, 4)
    assert all(same(*each) for each in zip(together, alone, strict=True))
    assert batcher.largest == min(len(lengths), MOST_ROWS)
    # They go on, one after the other, where they were.
    for source, prompt in zip(sources[:2], prompts, strict=False):
        wanted = list(itertools.islice(decoder(session, grammar, tokens).samples(prompt), 6))[4:]
        assert same(list(itertools.islice(batcher.each(source), 2)), wanted)


def test_nobody_waits_for_what_has_failed(folder, monkeypatch):
    """Whatever is raised, and in whichever thread."""
    session = Session(folder / "model.onnx", "cpu")
    start, failing = session.start, some_tokens(30, 7)

    def start_or_fail(prompts: list[list[int]]):
        if failing in prompts:
            raise ValueError("not a prompt")
        return start(prompts)

    monkeypatch.setattr(session, "start", start_or_fail)
    batcher = Batcher(session)

    def first(prompt: list[int]):
        yield batcher.start([prompt])[0].argmax()

    prompts = [some_tokens(30, 5), failing, some_tokens(30, 6)]
    with pytest.raises(ValueError, match="not a prompt"):
        batcher.together([first(prompt) for prompt in prompts], 1)
    # The others have had their answers, and the next are had.
    assert [row[0] for row in batcher.together([first(prompts[0]), first(prompts[2])], 1)] == [
        start([prompts[at]])[0].argmax() for at in (0, 2)
    ]


def test_several_tokens_are_read_at_once(session):
    """As it is done where caches stay on a device: those that read as many share a batch."""
    batcher = Batcher(session)
    further = [[4, 5, 6], [7, 8, 9], [10], [11, 12, 13]]
    prompts = [some_tokens(length, length) for length in (30, 40, 35, 33)]

    def source(through: Session | Batcher, at: int) -> Iterator[numpy.ndarray]:
        logits, cache = through.start([prompts[at]])
        logits, cache = through.step([further[at]], cache)
        yield logits
        logits, _ = through.step([[3, at]], cache)
        yield logits

    together = batcher.together([source(batcher, at) for at in range(4)], 2)
    for at, found in enumerate(together):
        numpy.testing.assert_allclose(found, list(source(session, at)), atol=1e-4)
    assert batcher.largest == 4


def test_prompts_of_like_length_begin_together(session, grammar, tokens):
    batcher = Batcher(session)
    begun = []
    start = session.start
    session.start = lambda prompts: (begun.append([*map(len, prompts)]), start(prompts))[1]
    lengths = [100, 101, 101 + int(100 * MOST_PADDING), 110, 3]
    sources = [decoder(batcher, grammar, tokens).samples(some_tokens(length, length)) for length in lengths]
    batcher.together(sources, 1)
    assert begun == [[3], [100, 101, 110], [226]]


def test_caches_that_are_too_large_together_are_read_alone(session, grammar, tokens):
    batcher = Batcher(session)
    batcher._most_bytes = 3 * 60 * session.bytes_per_token
    prompts = [some_tokens(length, length) for length in (20, 21, 22, 23)]
    alone = [list(itertools.islice(decoder(session, grammar, tokens).samples(prompt), 2)) for prompt in prompts]
    together = batcher.together([decoder(batcher, grammar, tokens).samples(prompt) for prompt in prompts], 2)
    assert all(same(*each) for each in zip(together, alone, strict=True))


def test_who_fails_fails_alone(grammar, tokens, make_language_model):
    """The model has fewer positions than one prompt has tokens."""
    session = Session(make_language_model(context=128) / "model.onnx", "cpu")
    batcher = Batcher(session)
    prompts = [some_tokens(length, length) for length in (100, 90, 125, 60)]
    wanted = [decoder(session, grammar, tokens).samples(prompt) for prompt in prompts]
    found: dict[int, list[Sample]] = {}
    failed: list[int] = []

    def draw(at: int) -> None:
        try:
            found[at] = list(itertools.islice(batcher.each(decoder(batcher, grammar, tokens).samples(prompts[at])), 1))
        except ToolchainError:
            failed.append(at)

    threads = [threading.Thread(target=draw, args=(at,)) for at in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 in failed
    for at, samples in found.items():
        assert same(samples, list(itertools.islice(wanted[at], 1)))
    assert sorted([*found, *failed]) == [0, 1, 2, 3]
    for at in failed:
        with pytest.raises(ToolchainError):
            next(decoder(session, grammar, tokens).samples(prompts[at]))
    with pytest.raises(ToolchainError, match="cannot be run"):
        batcher.together([decoder(batcher, grammar, tokens).samples(prompt) for prompt in prompts], 1)


def test_without_threads_it_goes_one_by_one(session, grammar, tokens, monkeypatch):
    prompts = [some_tokens(length, length) for length in (30, 31, 32)]
    alone = [list(itertools.islice(decoder(session, grammar, tokens).samples(prompt), 2)) for prompt in prompts]
    start = threading.Thread.start
    started = []

    def refused_after_one(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refused_after_one)
    batcher = Batcher(session)
    together = batcher.together([decoder(batcher, grammar, tokens).samples(prompt) for prompt in prompts], 2)
    assert all(same(*each) for each in zip(together, alone, strict=True))
    assert batcher.largest == 1


def modules(count: int) -> list[str]:
    return ["".join(BODY.format(n=n) for n in range(at, at + 1 + at % 3)) for at in range(count)]


def test_units_that_are_asked_about_at_the_same_time(folder):
    texts = modules(6)
    model = LanguageModel(folder, "cpu")
    alone = [model.propose(text).take(5) for text in texts]
    assert model.batcher.largest == 1
    found: dict[int, list[object]] = {}
    # All are there before the first one is answered.
    gate = threading.Barrier(len(texts))

    def ask(at: int) -> None:
        suggestions = model.propose(texts[at])
        gate.wait()
        found[at] = [*suggestions.take(4), *suggestions.take(1)]

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[at] for at in range(len(texts))] == alone
    assert len({tuple(map(str, recipes)) for recipes in alone}) > 1


def test_the_parts_of_a_module_share_a_batch(make_language_model, monkeypatch):
    folder = make_language_model(context=256)
    text = "".join(BODY.format(n=n) for n in range(1, 30))
    together = LanguageModel(folder, "cpu")
    suggestions = together.propose(text)
    recipes = suggestions.take(12)
    assert suggestions.account.parts > 4
    assert together.batcher.largest == suggestions.account.parts
    monkeypatch.setattr(Session, "can_batch", False)
    alone = LanguageModel(folder, "cpu")
    assert alone.propose(text).take(12) == recipes
    assert alone.batcher.largest == 1
