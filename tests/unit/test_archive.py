"""Archives: the same bytes for the same entries, and nothing hostile gets in."""

import io
import os
import random
import tarfile
from pathlib import Path

import pytest

from cache import archive
from cache.archive import ArchiveError, add_entry, read_archive, write_archive
from cache.store import Store, digest_of, seal

KEY = "0123456789abcdef" * 2
BODY = b"keep kept and so on"
OBJECT = b"an object's bytes" * 100
GOOD = [("decisions", KEY, BODY), ("objects", digest_of(OBJECT), OBJECT)]


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(os.fsencode(tmp_path / "cache"))


def tar_of(path: Path, *members: tuple[str, bytes], **fields: object) -> Path:
    """A tar file with regular members, in which `fields` of every member's header are set otherwise."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for field, value in fields.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(content))
    return path


def problems(path: Path) -> list[str]:
    return [member.problem for member in read_archive(os.fsencode(path))]


def test_what_is_written_comes_back(tmp_path, store):
    path = tmp_path / "a.tar"
    write_archive(os.fsencode(path), GOOD)
    members = list(read_archive(os.fsencode(path)))
    assert [(member.kind, member.key, member.body, member.problem) for member in members] == [
        (*entry, "") for entry in GOOD
    ]
    assert [add_entry(store, member) for member in members] == ["added"] * 2
    assert [add_entry(store, member) for member in members] == ["known"] * 2
    assert store.get_record(b"decisions", KEY) == BODY
    assert store.get_object(digest_of(OBJECT)) == OBJECT


def test_the_same_entries_give_the_same_bytes(tmp_path):
    for name, umask in (("a", 0o022), ("b", 0o077)):
        before = os.umask(umask)
        try:
            write_archive(os.fsencode(tmp_path / name), GOOD)
        finally:
            os.umask(before)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with tarfile.open(tmp_path / "a") as tar:
        assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in tar} == {(0, 0, 0, "", "", 0o644)}


def test_an_entry_that_is_there_is_not_overwritten(tmp_path, store):
    store.put_record(b"decisions", KEY, b"mine")
    write_archive(os.fsencode(tmp_path / "a.tar"), GOOD[:1])
    (member,) = read_archive(os.fsencode(tmp_path / "a.tar"))
    assert add_entry(store, member) == "known"
    assert store.get_record(b"decisions", KEY) == b"mine"


def test_a_damaged_entry_is_mended(tmp_path, store):
    store.put_record(b"decisions", KEY, BODY)
    Path(os.fsdecode(store.path_of(b"decisions", KEY))).write_bytes(b"damaged")
    write_archive(os.fsencode(tmp_path / "a.tar"), GOOD[:1])
    (member,) = read_archive(os.fsencode(tmp_path / "a.tar"))
    assert add_entry(store, member) == "added"
    assert store.get_record(b"decisions", KEY) == BODY


NAMES = [
    *("../decisions/" + KEY, "/decisions/" + KEY, "decisions/../objects/" + KEY, "decisions/" + KEY + "/x"),
    *("./decisions/" + KEY, "decisions//" + KEY, "decisions/" + KEY[:-1], "decisions/" + KEY + "0"),
    *("decisions\\" + KEY, "decisions/" + KEY + "\n", "", ".", "stats", "decisions/" + "../" * 10 + "etc/passwd"),
    *("decisions/" + "\udcff" * 32, "décisions/" + KEY, "decisions/" + "\u0660" * 32, "decisions/" + KEY.upper()),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_that_are_none_of_ours_are_refused(tmp_path, name):
    path = tar_of(tmp_path / "a.tar", (name, seal(KEY, BODY)), ("decisions/" + KEY, seal(KEY, BODY)))
    assert problems(path) == ["is no name of an entry", ""]


@pytest.mark.parametrize("kind", ["pins", "learned", "bad", "certificates", "index", "toolchains", "tmp"])
def test_kinds_that_are_not_carried_are_refused(tmp_path, kind):
    assert problems(tar_of(tmp_path / "a.tar", (f"{kind}/{KEY}", seal(KEY, BODY)))) == ["is of an unknown kind"]


@pytest.mark.parametrize(
    "type_", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]
)
def test_what_is_no_regular_file_is_refused(tmp_path, type_):
    path = tar_of(tmp_path / "a.tar", ("decisions/" + KEY, b""), type=type_, linkname="/etc/passwd")
    assert problems(path) == ["is no regular file"]


def test_contents_that_are_not_what_their_names_say_are_refused(tmp_path):
    other = "f" * 32
    path = tar_of(
        tmp_path / "a.tar",
        ("decisions/" + KEY, BODY),
        ("decisions/" + other, seal(KEY, BODY)),
        ("decisions/" + KEY, seal(KEY, BODY)[:-1]),
        ("decisions/" + KEY, b""),
        ("objects/" + KEY, OBJECT),
        ("objects/" + digest_of(OBJECT), OBJECT[:-1]),
    )
    assert problems(path) == ["is not what its checksum says"] * 6


def test_what_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setitem(archive.KINDS, "decisions", 1000)
    path = tar_of(tmp_path / "a.tar", ("decisions/" + KEY, seal(KEY, bytes(2000))))
    assert problems(path) == ["is too large"]


def test_a_size_that_is_not_true_is_an_error(tmp_path):
    """A header that promises terabytes, or less than nothing."""
    path = tmp_path / "a.tar"
    for size in (1 << 40, -1):
        info = tarfile.TarInfo("decisions/" + KEY)
        header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
        header[124:136] = tarfile.itn(size, 12, tarfile.GNU_FORMAT)
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        path.write_bytes(header + bytes(1024))
        try:
            assert problems(path)[0] == "is too large"
        except ArchiveError:
            pass


def test_a_compressed_archive_is_none(tmp_path):
    for mode in ("w:gz", "w:xz"):
        with tarfile.open(tmp_path / "a", mode) as tar:
            tar.addfile(tarfile.TarInfo("decisions/" + KEY), io.BytesIO(b""))
        with pytest.raises(ArchiveError):
            list(read_archive(os.fsencode(tmp_path / "a")))


def test_damage_is_refused_or_one_error(tmp_path, store):
    """Whatever is flipped or cut off: no other exception, and no entry but the two true ones."""
    path = tmp_path / "a.tar"
    write_archive(os.fsencode(path), GOOD)
    whole = path.read_bytes()
    chance = random.Random(11)
    seen = 0
    for round_ in range(400):
        damaged = bytearray(whole)
        if round_ % 4 == 0:
            del damaged[chance.randrange(len(whole)) :]
        else:
            for _ in range(chance.randrange(1, 4)):
                damaged[chance.randrange(len(whole) if round_ % 4 == 1 else 600)] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            for member in read_archive(os.fsencode(path)):
                if not member.problem:
                    assert (member.kind, member.key, member.body) in GOOD
                    seen += 1
        except ArchiveError:
            continue
    assert seen > 50


def test_an_archive_that_cannot_be_written_leaves_nothing(tmp_path):
    def members():
        yield GOOD[0]
        raise OSError(5, "no more")

    with pytest.raises(OSError, match="no more"):
        write_archive(os.fsencode(tmp_path / "a.tar"), members())
    assert list(tmp_path.iterdir()) == []
