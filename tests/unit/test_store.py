"""Records and objects on a real disk: damaged, full, unwritable, and with many writers at once."""

import multiprocessing
import os
import random
import stat
import subprocess
from pathlib import Path

import pytest

from cache.store import Store, digest_of, remove_folder

KEY = "00112233445566778899aabbccddeeff"
OTHER = "00112233445566778899aabbccddee00"
BODY = b"keep kept 0123 replayable 10 9\n{}\n" + bytes(range(256))


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(os.fsencode(tmp_path / "cache"))


def files(store: Store) -> list[Path]:
    return sorted(path for path in Path(os.fsdecode(store.directory)).rglob("*") if path.is_file())


def test_an_empty_store_misses_and_writes_nothing(store):
    assert store.get_record(b"decisions", KEY) is None
    assert store.get_object(digest_of(b"x")) is None
    assert store.records(b"decisions") == []
    assert not os.path.exists(store.directory)


@pytest.mark.parametrize(
    "body", [BODY, b"", b"\n", b"\0" * 100, b"llmcc-record 1 x\n", random.Random(7).randbytes(1 << 20)]
)
def test_records_and_objects_come_back(store, body):
    assert store.put_record(b"decisions", KEY, body)
    assert store.put_object(body)
    for again in (store, Store(store.directory)):
        assert again.get_record(b"decisions", KEY) == body
        assert again.get_object(digest_of(body)) == body
    assert store.get_record(b"pipelines", KEY) is None
    assert store.get_record(b"decisions", OTHER) is None


def test_a_record_can_be_replaced(store):
    for body in (BODY, b"new", b""):
        assert store.put_record(b"decisions", KEY, body)
        assert store.get_record(b"decisions", KEY) == body
    assert len(files(store)) == 1


def test_records_are_listed_sorted_and_by_kind(store):
    for key in (OTHER, KEY, "ff" * 16):
        store.put_record(b"decisions", key, b"x")
    store.put_record(b"index", "aa" * 16, b"x")
    Path(os.fsdecode(store.directory), "decisions", "00", "left.1234").touch()
    assert store.records(b"decisions") == sorted([KEY, OTHER, "ff" * 16])
    assert store.records(b"objects") == []


def test_two_first_calls_at_once_both_get_a_folder(tmp_path):
    """Every compile of a `make -j` starts with this."""
    fork = multiprocessing.get_context("fork")
    for number in range(20):
        directory = os.fsencode(tmp_path / str(number) / "cache")
        barrier = fork.Barrier(4)
        callers = [fork.Process(target=first_call, args=(directory, barrier)) for _ in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert [caller.exitcode for caller in callers] == [0] * 4
        assert len(os.listdir(os.path.join(directory, b"tmp"))) == 4


def first_call(directory: bytes, barrier) -> None:
    barrier.wait()
    Store(directory).temporary_folder()


def test_every_truncation_is_a_miss(store):
    store.put_record(b"decisions", KEY, BODY)
    store.put_object(BODY)
    digest = digest_of(BODY)
    for path in files(store):
        whole = path.read_bytes()
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            assert store.get_record(b"decisions", KEY) in (None, BODY)
            assert store.get_object(digest) in (None, BODY)
            assert store.get_record(b"decisions", KEY) is None or store.get_object(digest) is None
        path.write_bytes(whole + b"\n")
        assert store.get_record(b"decisions", KEY) is None or store.get_object(digest) is None
        path.write_bytes(whole)
    assert (store.get_record(b"decisions", KEY), store.get_object(digest)) == (BODY, BODY)


def test_every_flipped_bit_is_a_miss(store):
    store.put_record(b"decisions", KEY, BODY)
    (path,) = files(store)
    whole = path.read_bytes()
    chance = random.Random(1)
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        assert store.get_record(b"decisions", KEY) is None, at
    path.unlink()
    store.put_object(BODY)
    (path,) = files(store)
    for at in range(len(BODY)):
        damaged = bytearray(BODY)
        damaged[at] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        assert store.get_object(digest_of(BODY)) is None, at


def test_a_record_copied_to_another_key_is_a_miss(store):
    store.put_record(b"decisions", KEY, BODY)
    store.put_record(b"decisions", OTHER, b"other")
    one, two = files(store)
    two.write_bytes(one.read_bytes()) if one.name == KEY[2:] else one.write_bytes(two.read_bytes())
    assert store.get_record(b"decisions", KEY) == BODY
    assert store.get_record(b"decisions", OTHER) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_another_user_wrote_is_a_miss(store):
    digest = digest_of(b"object")
    assert store.put_record(b"decisions", "a" * 32, b"body")
    assert store.put_object(b"object")
    for kind, key in ((b"decisions", "a" * 32), (b"objects", digest)):
        os.chown(os.path.join(store.directory, kind, key[:2].encode(), key[2:].encode()), 12345, 12345)
    assert store.get_record(b"decisions", "a" * 32) is None
    assert store.get_object(digest) is None
    assert store.put_object(b"object")
    assert store.get_object(digest) == b"object", "and is replaced by ours"


def test_an_object_under_another_name_is_a_miss(store):
    store.put_object(BODY)
    store.put_object(b"another")
    target = next(path for path in files(store) if path.read_bytes() == b"another")
    target.write_bytes(BODY)
    assert store.get_object(digest_of(b"another")) is None
    assert store.get_object(digest_of(BODY)) == BODY


def test_a_damaged_object_is_mended_by_the_next_put(store):
    store.put_object(BODY)
    (path,) = files(store)
    path.write_bytes(BODY[:10])
    assert store.put_object(BODY)
    assert store.get_object(digest_of(BODY)) == BODY


def test_an_object_that_is_there_is_not_written_again(store):
    store.put_object(BODY)
    (path,) = files(store)
    inode = path.stat().st_ino
    assert store.put_object(BODY)
    assert path.stat().st_ino == inode


@pytest.mark.parametrize("umask", [0o022, 0o000, 0o077])
def test_only_the_owner_can_read_the_cache(store, umask):
    before = os.umask(umask)
    try:
        store.put_record(b"decisions", KEY, BODY)
        store.put_object(BODY)
        store.append_line(b"stats", b"x\n")
        store.temporary_folder()
    finally:
        os.umask(before)
    root = Path(os.fsdecode(store.directory))
    for path in (root, *root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_cache_deep_in_new_folders_is_the_owners_alone(tmp_path):
    store = Store(os.fsencode(tmp_path / "a" / "b" / "cache"))
    store.append_line(b"stats", b"x\n")
    assert stat.S_IMODE((tmp_path / "a" / "b" / "cache").stat().st_mode) == 0o700
    assert (tmp_path / "a" / "b" / "cache" / "stats").read_bytes() == b"x\n"


@pytest.mark.parametrize("place", ["file", "file/cache", "dangling/cache", "kind"])
def test_a_folder_that_cannot_be_written_is_no_put(tmp_path, place):
    """Paths that not even root can make a folder of."""
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to("/proc/no-such-folder")
    if place == "kind":
        (tmp_path / "kind").mkdir()
        for kind in ("decisions", "objects", "tmp"):
            (tmp_path / "kind" / kind).write_text("")
    store = Store(os.fsencode(tmp_path / place))
    assert store.put_record(b"decisions", KEY, BODY) is False
    assert store.put_object(BODY) is False
    assert store.get_record(b"decisions", KEY) is None
    assert store.get_object(digest_of(BODY)) is None
    assert store.records(b"decisions") == []
    if place != "kind":
        store.append_line(b"stats", b"x\n")
        assert not os.path.exists(tmp_path / place / "stats")
    with pytest.raises(OSError, match="Errno"):
        store.temporary_folder()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_no_put(tmp_path):
    (tmp_path / "cache").mkdir(mode=0o500)
    store = Store(os.fsencode(tmp_path / "cache"))
    assert store.put_record(b"decisions", KEY, BODY) is False
    store.append_line(b"stats", b"x\n")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KiB, by whatever means this user has."""
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", mount],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"no small disk here: {done.stderr.strip()}")
    try:
        yield mount
    finally:
        subprocess.run(["umount", mount], check=True)


def test_a_full_disk_is_no_put_and_leaves_what_is_there(small_disk):
    store = Store(os.fsencode(small_disk / "cache"))
    assert store.put_record(b"decisions", KEY, BODY)
    chance = random.Random(64)
    big = chance.randbytes(100_000)
    assert store.put_object(big) is False
    assert store.put_record(b"decisions", KEY, big) is False
    assert store.get_record(b"decisions", KEY) == BODY
    kept = [path.name for path in (small_disk / "cache").rglob("*") if path.is_file()]
    assert kept == [KEY[2:]], "no half-written file is left"
    while store.put_object(chance.randbytes(3000)):
        pass
    store.append_line(b"stats", b"x" * 8192)
    assert store.get_record(b"decisions", KEY) == BODY
    for path in (small_disk / "cache" / "objects").rglob("*"):
        if path.is_file():
            assert store.get_object(path.parent.name + path.name) is not None


def test_a_write_that_fails_is_no_put(store, tmp_path):
    """Where no small disk can be had: the kernel's own limit on the size of files."""
    code = """
import os, resource, signal, sys
sys.path.insert(0, sys.argv[1])
from cache.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
store = Store(os.fsencode(sys.argv[2]))
print(store.put_record(b"decisions", "ab" * 16, bytes(100)), store.put_record(b"decisions", "cd" * 16, bytes(5000)))
"""
    root = Path(__file__).resolve().parents[2]
    directory = os.fsdecode(store.directory)
    done = subprocess.run(["python3", "-I", "-c", code, root, directory], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
    assert store.get_record(b"decisions", "ab" * 16) == bytes(100)
    assert [path.name for path in files(store)] == [("ab" * 16)[2:]]


def write_much(directory: bytes, number: int, rounds: int) -> None:
    """One of many writers: the same keys and objects as all others, and lines of its own."""
    store = Store(directory)
    for i in range(rounds):
        store.put_record(b"decisions", KEY, b"%d " % number * 2000)
        store.put_object(b"%d" % (i % 5) * 5000)
        store.append_line(b"stats", b"%d:%d:" % (number, i) + b"x" * (100 + i) + b"\n")
        store.temporary_folder()
        seen = store.get_record(b"decisions", KEY)
        words = set(seen.split()) if seen else {b"none"}
        if len(words) != 1 or len(seen or b"") < 4000:
            os._exit(3)


def test_concurrent_writers_never_leave_a_mixture(store):
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=write_much, args=(store.directory, number, 60)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 6
    assert len(set(store.get_record(b"decisions", KEY).split())) == 1
    for digit in range(5):
        content = b"%d" % digit * 5000
        assert store.get_object(digest_of(content)) == content
    root = Path(os.fsdecode(store.directory))
    lines = (root / "stats").read_bytes().split(b"\n")
    expected = sorted(b"%d:%d:" % (n, i) + b"x" * (100 + i) for n in range(6) for i in range(60))
    assert sorted(lines) == [b"", *expected]
    assert [path.name for path in root.rglob("*") if "." in path.name] == []
    assert len(list((root / "tmp").iterdir())) == 6 * 60


def test_lines_that_cannot_be_appended_are_lost_not_raised(store):
    Path(os.fsdecode(store.directory), "stats").mkdir(parents=True)
    store.append_line(b"stats", b"x\n")
    store.append_line(b"other", b"y\n")
    assert Path(os.fsdecode(store.directory), "other").read_bytes() == b"y\n"


def test_temporary_folders_are_fresh_and_can_be_removed(store):
    one, two = store.temporary_folder(), store.temporary_folder()
    assert one != two
    assert os.listdir(one) == []
    for name in (b"a", b"\xff odd\n"):
        with open(os.path.join(one, name), "wb") as file:
            file.write(b"x")
    remove_folder(one)
    remove_folder(one)
    remove_folder(b"")
    assert not os.path.exists(one)
    assert os.path.isdir(two)
