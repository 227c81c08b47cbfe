"""The lock file's format: what is written is read, and what is damaged is never taken for something else."""

import random

import pytest

from cache.lockfile import FORMAT, DamageError, Entry, LockFile, entries_of, escape, head_of, unescape

HEAD = [("gates", "structure,user"), ("tool", "ab clang 1"), ("tool", "cd clang 2"), ("empty", "")]
NAMES = (
    b"src/json.c", b"src/json.cc", b"a b.c", b"%41.c", b"caf\xc3\xa9.c", b"\xff\n\0.c", b"#x.c", b"<<<<<<< HEAD",
    b"=======", b"//outside.c", b"gates: x", b"-", b"x", b"x/y",
)  # fmt: skip
RECIPES = ("", "<clang>", "<clang>,function(gvn<a;b>) | -disable-lsr -x=%41")


def entry(source: bytes, number: int = 0, recipe: str = "<clang>,gvn", flags: str = "00c0ffee") -> Entry:
    return Entry(source, flags, 100 + number, 90, f"{number:032x}", f"{number + 1:032x}", recipe)


@pytest.fixture(scope="module")
def lock() -> LockFile:
    entries = [entry(name, at, RECIPES[at % 3], f"{at % 2:08x}") for at, name in enumerate(NAMES)]
    # One source with several flags, and with several IRs for one set of flags.
    entries += [entry(b"src/json.c", at, flags=f"{at // 2:08x}") for at in range(20, 26)]
    return LockFile(HEAD, entries)


def test_what_is_shown_is_read_again_whatever_the_order(lock):
    content = lock.show()
    again = LockFile.parse(content)
    assert again.show() == content
    assert (again.head, again.entries) == (sorted(HEAD), lock.entries)
    assert {one.source for one in again.entries} == set(NAMES)
    assert {one.recipe for one in again.entries} == {*RECIPES, "<clang>,gvn"}
    assert content.isascii()
    head, _, units = content.partition(b"\n\n")
    legend, *lines = units.splitlines(keepends=True)
    assert lines == sorted(lines), "so that a diff has each unit in its place"
    random.Random(3).shuffle(lines)
    mixed = head + b"\n\n" + legend + b"".join(lines)
    assert mixed != content
    assert LockFile.parse(mixed).show() == content


def test_an_empty_file_is_one_too():
    content = LockFile([], []).show()
    assert LockFile.parse(content).show() == content
    assert entries_of(content, b"x") == head_of(content) == []


def test_the_units_of_one_source_are_found_without_reading_all(lock):
    content = lock.show()
    assert head_of(content) == sorted(HEAD)
    for name in {*NAMES, b"src/json", b"json.c", b"source", b"", b"src/json.c 00000000"}:
        assert entries_of(content, name) == [one for one in lock.entries if one.source == name]
    assert len(entries_of(content, b"src/json.c")) == 7


def test_names_are_printable_words_of_one_spelling():
    chance = random.Random(5)
    for name in (*NAMES, b"", bytes(range(256)), *(chance.randbytes(chance.randrange(40)) for _ in range(300))):
        word = escape(name)
        assert unescape(word) == name
        assert word.isascii()
        assert not {*word} & {*b" \n#<>=|*"}
    for word in (b"a b", b"%", b"%4", b"%4x", b"%41", b"a%2", b"\xff", b"%c3%a9", b"a\n", b"%+1"):
        with pytest.raises(ValueError, match="the name in this line is damaged"):
            unescape(word)


def test_every_truncation_is_damage_or_fewer_whole_lines(lock):
    content = lock.show()
    whole = set(lock.entries)
    read = 0
    for end in range(len(content)):
        try:
            found = LockFile.parse(content[:end])
        except DamageError:
            continue
        read += 1
        assert content[:end].endswith(b"\n")
        assert found.head == lock.head
        assert whole > set(found.entries)
    assert read == len(whole) + 1, "after the head, then after each line but the last"


@pytest.mark.parametrize("seed", range(3))
def test_no_damaged_byte_changes_a_line_unseen(lock, seed):
    """A byte that is exchanged is noticed, or shows in the fields; nothing else than DamageError comes out."""
    content, chance = bytearray(lock.show()), random.Random(seed)
    noticed = 0
    for _ in range(1500):
        at, old = chance.randrange(len(content)), 0
        old, content[at] = content[at], chance.choice((*b"\n \r%#-0:/<", 0, 0x80, 0xFF, chance.randrange(256)))
        try:
            found = LockFile.parse(bytes(content))
        except DamageError:
            noticed += 1
        else:
            assert LockFile.parse(found.show()).show() == found.show()
        content[at] = old
    assert noticed > 300


def line_of(words: str) -> bytes:
    return words.encode().replace(b"IR", b"1" * 32).replace(b"OBJECT", b"2" * 32)


GOOD_LINE = "x.c 00c0ffee 10 9 IR OBJECT <clang>,gvn"


def with_line(line: bytes) -> bytes:
    return FORMAT + b"\ngates: a\n\n" + line_of(GOOD_LINE) + b"\n" + line + b"\n"


@pytest.mark.parametrize(
    "words",
    [
        "", " ", "garbage", GOOD_LINE.replace("x.c ", ""), GOOD_LINE.replace("x.c", "y z.c"), "y" + GOOD_LINE + " ",
        "y" + GOOD_LINE.replace("00c0ffee", "00C0FFEE"), "y" + GOOD_LINE.replace("00c0ffee", "c0ffee"),
        "y" + GOOD_LINE.replace("10", "-1"), "y" + GOOD_LINE.replace("10", "1" * 5000), "y" + GOOD_LINE + "\r",
        "y" + GOOD_LINE.replace("IR", "1"), "y" + GOOD_LINE.replace("OBJECT", "x" * 32), "y" + GOOD_LINE + "\t|",
        "y" + GOOD_LINE.replace("<clang>,gvn", ""), "y" + GOOD_LINE.replace("gvn", "gvn\u00e9"), "y%" + GOOD_LINE,
    ],
)  # fmt: skip
def test_a_line_that_is_no_unit_is_named_by_its_number(words):
    assert len(LockFile.parse(with_line(line_of("y" + GOOD_LINE))).entries) == 2
    with pytest.raises(DamageError) as caught:
        LockFile.parse(with_line(line_of(words)))
    assert caught.value.line == 5
    assert caught.value.sentence


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> theirs", "||||||| base"])
def test_a_merge_conflict_is_called_that(mark):
    with pytest.raises(DamageError, match="line 5: this is a merge conflict; take the lines of either side"):
        LockFile.parse(with_line(mark.encode()))
    with pytest.raises(DamageError, match="line 2: this is a merge conflict"):
        LockFile.parse(with_line(b"").replace(b"gates: a", mark.encode()))


def test_one_unit_has_one_line():
    other = line_of(GOOD_LINE.replace("gvn", "sink"))
    with pytest.raises(DamageError, match="line 5: there is another line for this unit"):
        LockFile.parse(with_line(other))
    assert len(LockFile.parse(with_line(other.replace(b"1" * 32, b"3" * 32))).entries) == 2, (
        "another IR is another unit"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "begins with 'llmcc-lock 1', not ''"),
        (b"llmcc-lock 2\n\n", "not 'llmcc-lock 2'"),
        (b"\x7fELF\x02", "begins with"),
        (FORMAT + b"\n", "ends after its head"),
        (FORMAT + b"\nno head\n\n", "line 2: this is not a line of the file's head"),
        (FORMAT + b"\nGates: a\n\n", "line 2"),
        (FORMAT + b"\ngates: \xff\n\n", "line 2"),
    ],
)
def test_what_is_no_lock_file_is_told(content, words):
    with pytest.raises(DamageError, match=words):
        LockFile.parse(content)
