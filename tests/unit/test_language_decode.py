"""Decoding: greedy is the first of Priority Sampling, samples are unique and ordered, caches change nothing."""

import itertools
import json
import math
import random

import numpy
import pytest

from llmcc.lm.decode import MOST_WORDS, Decoder
from llmcc.lm.grammar import AT_LIST, AT_TEXT, Grammar
from llmcc.lm.prompt import OPENING, parse_answer
from llmcc.lm.session import CHUNK, Session
from llmcc.lm.tokens import Tokens
from llmcc.tune.decoder import Shape, decoder_graph, drawn_weights
from llmcc.tune.language import train_tokenizer
from toolchain.errors import ToolchainError

TEXT = "define i32 @f(i32 %0) {\n  %2 = add i32 %0, 1\n  ret i32 %2\n}\n"


@pytest.fixture(scope="module")
def folder(make_language_model):
    return make_language_model()


@pytest.fixture(scope="module")
def tokens(folder) -> Tokens:
    return Tokens(folder / "tokenizer.json")


@pytest.fixture(scope="module")
def session(folder) -> Session:
    return Session(folder / "model.onnx", "cpu")


@pytest.fixture(scope="module")
def grammar(tokens) -> Grammar:
    return Grammar(tokens.contents, None, ("-disable-lsr",))


def decoder(session: Session, grammar: Grammar, tokens: Tokens, begin=AT_LIST, context: int = 8192) -> Decoder:
    return Decoder(session, grammar, tokens.encode(f" {OPENING}", continues=True), context, begin)


def some_tokens(count: int, seed: int, most: int = 600) -> list[int]:
    chance = random.Random(seed)
    return [chance.randrange(1, most) for _ in range(count)]


def test_tokens_are_bytes(tokens):
    for text in (TEXT, "naïve “quoted” \x00\x7f\n\t", "'" + OPENING):
        numbers = tokens.encode(text)
        assert tokens.text(numbers) == text
        assert b"".join(tokens.contents[number] for number in numbers) == text.encode()
    assert tokens.contents[0] is None, "the special token is no text"
    assert {bytes((byte,)) for byte in range(256)} <= set(tokens.contents)


def test_the_tokenizer_is_the_same_every_time(tokens, tmp_path):
    first, second = (train_tokenizer([TEXT * 3, "of a few words, a few"], 300).to_str() for _ in range(2))
    assert first == second


def test_tokens_of_the_other_kind_are_bytes_too(tmp_path):
    """LLaMA's kind: words with a mark for the space before, and bytes to fall back on."""
    from tokenizers import Tokenizer, decoders, models, normalizers

    words = ["<unk>", "<s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "a", "b", "▁a"]
    numbers = {word: at for at, word in enumerate(words)}
    tokenizer = Tokenizer(models.BPE(numbers, [("▁", "a")], unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens(["<s>"])
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    found = Tokens(path)
    assert found.text(found.encode(" a b(é)")) == " a b(é)"
    assert found.contents[1] is None


@pytest.mark.parametrize("length", [3, CHUNK - 1, CHUNK, 2 * CHUNK + 5])
def test_a_cache_gives_what_reading_all_again_gives(session, length):
    prompt, further = some_tokens(length, 1), some_tokens(6, 2)
    logits, cache = session.start([prompt])
    for at, token in enumerate(further):
        assert cache.length == length + at
        again, _ = session.start([prompt + further[:at]])
        numpy.testing.assert_allclose(logits, again, atol=1e-4)
        logits, cache = session.step([[token]], cache)
    together, _ = session.step([further], session.start([prompt])[1])
    numpy.testing.assert_allclose(logits, together, atol=1e-4)


def test_a_cache_is_shared_and_not_changed(session):
    prompt = some_tokens(40, 3)
    _, cache = session.start([prompt])
    first, longer = session.step([[5, 6, 7]], cache)
    session.step([[8]], cache)
    assert numpy.array_equal(session.step([[5, 6, 7]], cache)[0], first)
    # Cut behind the second of three, and gone on from there.
    tail = session.tail(longer, len(prompt))
    joined = session.join(cache, tail, 2)
    assert joined.length == len(prompt) + 2
    numpy.testing.assert_allclose(session.step([[7]], joined)[0], first, atol=1e-4)


def test_a_batch_gives_what_each_prompt_gives(session):
    prompts = [some_tokens(length, length) for length in (2, 17, 90)]
    logits, cache = session.start(prompts)
    after, _ = session.step([[4], [5], [6]], cache)
    for row, prompt in enumerate(prompts):
        alone, own = session.start([prompt])
        numpy.testing.assert_allclose(logits[row], alone[0], atol=1e-4)
        numpy.testing.assert_allclose(after[row], session.step([[4 + row]], own)[0][0], atol=1e-4)


def test_bound_memory_gives_the_same(folder, session, grammar, tokens):
    """The way that CUDA goes, on the CPU."""
    bound = Session(folder / "model.onnx", "cpu", bound=True)
    prompt = some_tokens(30, 5)
    mine, cache = bound.start([prompt])
    numpy.testing.assert_allclose(mine, session.start([prompt])[0], atol=1e-5)
    numpy.testing.assert_allclose(
        bound.step([[9]], cache)[0], session.step([[9]], session.start([prompt])[1])[0], atol=1e-5
    )
    wanted = list(itertools.islice(decoder(session, grammar, tokens).samples(prompt), 4))
    found = list(itertools.islice(decoder(bound, grammar, tokens).samples(prompt), 4))
    assert [sample.tokens for sample in found] == [sample.tokens for sample in wanted]


def test_greedy_is_the_first_sample(session, grammar, tokens):
    decode = decoder(session, grammar, tokens)
    for seed in range(3):
        prompt = some_tokens(50, seed)
        (greedy,) = decode.greedy([prompt])
        assert greedy == next(decode.samples(prompt))
        assert greedy.confidence == 0.0


def test_greedy_in_a_batch_is_greedy_alone(session, grammar, tokens):
    decode = decoder(session, grammar, tokens)
    prompts = [some_tokens(length, length) for length in (60, 8, 33)]
    together = decode.greedy(prompts)
    assert [sample.tokens for sample in together] == [decode.greedy([prompt])[0].tokens for prompt in prompts]
    assert len({sample.tokens for sample in together}) > 1


def test_samples_are_unique_ordered_and_the_same_again(session, grammar, tokens):
    decode = decoder(session, grammar, tokens)
    prompt = tokens.encode(TEXT)
    samples = list(itertools.islice(decode.samples(prompt), 25))
    assert len({sample.tokens for sample in samples}) == 25
    confidences = [sample.confidence for sample in samples]
    assert confidences == sorted(confidences, reverse=True)
    assert all(sample.log_probability <= sample.confidence + 1e-5 for sample in samples)
    assert list(itertools.islice(decode.samples(prompt), 25)) == samples
    for sample in samples:
        text = tokens.text(list(sample.tokens))
        assert parse_answer(OPENING + text) is not None, text


def test_samples_have_the_probabilities_that_the_model_gives(session, grammar, tokens):
    """Told again step by step, without any cache: what is masked has no probability at all."""
    prompt = tokens.encode(TEXT)
    for sample in itertools.islice(decoder(session, grammar, tokens).samples(prompt), 5):
        state, total = AT_LIST, 0.0
        for at, token in enumerate(sample.tokens):
            logits = session.start([prompt + list(sample.tokens[:at])])[0][0]
            allowed = grammar.allowed(state)
            total += float(logits[token]) - math.log(numpy.exp(logits[allowed].astype(float)).sum())
            state = grammar.after(state, token)
        assert total == pytest.approx(sample.log_probability, abs=1e-3)


def test_each_sample_begins_with_the_most_probable_prefix_left(session, grammar, tokens):
    """Among all continuations of one token, the second sample takes the best that the first left."""
    prompt = tokens.encode(TEXT)
    first, second = itertools.islice(decoder(session, grammar, tokens).samples(prompt), 2)
    best, state, total = -math.inf, AT_LIST, 0.0
    for at, token in enumerate(first.tokens):
        logits = session.start([prompt + list(first.tokens[:at])])[0][0].astype(float)
        allowed = [int(each) for each in grammar.allowed(state)]
        base = math.log(numpy.exp(logits[allowed]).sum())
        best = max(best, *(total + logits[other] - base for other in allowed if other != token), -math.inf)
        total += logits[token] - base
        state = grammar.after(state, token)
    assert second.confidence == pytest.approx(best, abs=1e-3)


def test_a_model_that_babbles_is_made_to_begin(session, grammar, tokens):
    decode = decoder(session, grammar, tokens, AT_TEXT)
    for sample in itertools.islice(decode.samples(tokens.encode(TEXT)), 3):
        text = tokens.text(list(sample.tokens))
        assert parse_answer(text) is not None
        assert len(tokens.encode(text[: text.index(OPENING)])) <= 2 * MOST_WORDS


def test_an_answer_that_does_not_fit_is_none(session, grammar, tokens):
    prompt = some_tokens(20, 1)
    decode = decoder(session, grammar, tokens, context=22)
    assert decode.greedy([prompt]) == [None]
    assert list(itertools.islice(decode.samples(prompt), 1)) == []


def test_files_that_are_no_decoder_are_refused(tmp_path, folder):
    import onnx

    path = tmp_path / "model.onnx"
    with pytest.raises(ToolchainError, match="cannot be loaded"):
        Session(path)
    path.write_bytes(b"garbage")
    with pytest.raises(ToolchainError, match="cannot be loaded"):
        Session(path)
    shape = Shape(300, 64, layers=1, heads=1, width=8)
    model = decoder_graph(shape, drawn_weights(shape, 1))
    model.graph.output[0].name = "other"
    model.graph.node[-1].output[0] = "other"
    onnx.save(model, path)
    with pytest.raises(ToolchainError, match="not a decoder with a cache"):
        Session(path)
    with pytest.raises(ToolchainError, match="is not a tokenizer"):
        Tokens(path)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"]["type"] = "NoSuchModel"
    path.write_text(json.dumps(tokenizer))
    with pytest.raises(ToolchainError, match="is not a tokenizer"):
        Tokens(path)
