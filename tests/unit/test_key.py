"""The content key: no two lists of ingredients share one."""

import itertools
import re

from cache.key import FORMAT, content_key, printable


def test_a_key_is_32_hexadecimal_digits_and_always_the_same():
    ingredients = [(b"version", b"1"), (b"ir", b"abc")]
    assert content_key(ingredients) == content_key(list(ingredients))
    assert re.fullmatch("[0-9a-f]{32}", content_key(ingredients))


def test_a_key_means_the_same_tomorrow():
    """A change of this value makes every cache there is useless: then FORMAT must change too."""
    assert FORMAT == b"llmcc-key 2"
    assert content_key([(b"version", b"1"), (b"argument", b"-Oz")]) == "39bb5935f97aa7644acd05bd61782e38"


def splits(text: bytes, parts: int):
    """Every way to cut `text` into `parts` pieces, empty ones included."""
    for cuts in itertools.combinations_with_replacement(range(len(text) + 1), parts - 1):
        edges = (0, *cuts, len(text))
        yield tuple(text[a:b] for a, b in itertools.pairwise(edges))


def test_moving_a_boundary_changes_the_key():
    """Names and values that read the same when run together, cut at every place."""
    lists = [[]]
    for text in (b"aaaaaa", b"1 a 1 a", b"\n1 a 1 ", b"3 1 1 3"):
        for parts in (2, 4, 6):
            lists += [list(zip(cut[::2], cut[1::2], strict=True)) for cut in splits(text, parts)]
    different = {tuple(ingredients) for ingredients in lists}
    keys = {content_key(list(ingredients)) for ingredients in different}
    assert len(keys) == len(different) > 1000


def test_text_that_looks_like_our_own_delimiters_is_data():
    honest = [(b"argument", b"-Oz"), (b"argument", b"-g")]
    forged = [(b"argument", b"-Oz\n8 argument 2 -g")]
    assert content_key(honest) != content_key(forged)
    assert content_key([(b"a", b""), (b"", b"")]) != content_key([(b"a", b"")])


def test_order_and_every_part_counts():
    base = [(b"a", b"1"), (b"b", b"2")]
    variants = [
        base,
        base[::-1],
        base[:1],
        [*base, (b"b", b"2")],
        [(b"a", b"2"), (b"b", b"1")],
        [(b"A", b"1"), (b"b", b"2")],
        [(b"a", b"1"), (b"b", b"2 ")],
        [(b"a", b"1"), (b"b", b"\xff")],
    ]
    assert len({content_key(variant) for variant in variants}) == len(variants)


def test_printable_names_every_ingredient():
    text = printable([(b"version", b"0.1"), (b"argument", b"-DX=\xff\xe9"), (b"ir", b"00ff")])
    assert text.split("\n") == [FORMAT.decode(), "version: 0.1", "argument: -DX=\\xff\\xe9", "ir: 00ff"]
    assert printable([]) == FORMAT.decode()
