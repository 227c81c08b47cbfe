"""Eviction on a real disk: what goes first, how near the limit is kept, and what never goes."""

import multiprocessing
import os
import random
import time
from pathlib import Path

import pytest

from cache.evict import (
    CHEAP_KINDS,
    FOLDERS,
    MOST_RECORDS,
    Entry,
    bound_records,
    drop_older,
    entries,
    evict_to,
    keep_object,
    kinds,
)
from cache.store import Store, digest_of

HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(os.fsencode(tmp_path / "cache"))


def put(store: Store, content: bytes, age: float = 0.0) -> str:
    """An object last used so many seconds ago (negative: in time to come); its digest."""
    assert store.put_object(content)
    digest = digest_of(content)
    set_age(store, b"objects", digest, age)
    return digest


def set_age(store: Store, kind: bytes, key: str, age: float) -> None:
    used = time.time() - age
    os.utime(store.path_of(kind, key), (used, used))


def age_of(store: Store, kind: bytes, key: str) -> float:
    return time.time() - os.stat(store.path_of(kind, key)).st_mtime


def there(store: Store, digest: str) -> bool:
    return os.path.exists(store.path_of(b"objects", digest))


def total(store: Store) -> int:
    return sum(entry.size for entry in entries(store, b"objects"))


def blob(chance: random.Random, size: int) -> bytes:
    return chance.randbytes(size)


def test_the_least_recently_used_go_first(store):
    chance = random.Random(1)
    ages = list(range(20))
    chance.shuffle(ages)
    digests = {age: put(store, blob(chance, 1000), age * DAY) for age in ages}
    assert evict_to(store, 7999) == (13, 13000)
    assert {age for age, digest in digests.items() if there(store, digest)} == set(range(7))
    assert evict_to(store, 7999) == (0, 0)
    assert evict_to(store, 0) == (7, 7000)
    assert list(entries(store, b"objects")) == []


def test_a_use_is_noted_and_saves_from_eviction(store):
    """Read once an hour or more after the last time that was noted, an object is the newest; a tool's look is no
    use."""
    chance = random.Random(2)
    used, other, seen = (put(store, blob(chance, 1000), 3 * DAY - number) for number in range(3))
    assert Store(store.directory, notes_use=False).get_object(seen) is not None
    assert age_of(store, b"objects", seen) > 2 * DAY
    assert store.get_object(used) is not None
    assert age_of(store, b"objects", used) < HOUR
    evict_to(store, 1000)
    assert [there(store, digest) for digest in (used, other, seen)] == [True, False, False]


@pytest.mark.parametrize(
    ("kind", "age", "noted"),
    [
        *((b"objects", 0.9 * HOUR, False), (b"objects", 1.1 * HOUR, True), (b"objects", -2 * HOUR, True)),
        *((b"decisions", 0.9 * DAY, False), (b"decisions", 1.1 * DAY, True), (b"answers", -400 * DAY, True)),
    ],
)
def test_a_hit_writes_the_time_only_where_it_is_long_ago(store, kind, age, noted):
    body = b"body"
    store.put_object(body) if kind == b"objects" else store.put_record(kind, digest_of(body), body)
    set_age(store, kind, digest_of(body), age)
    before = os.stat(store.path_of(kind, digest_of(body))).st_mtime_ns
    got = store.get_object(digest_of(body)) if kind == b"objects" else store.get_record(kind, digest_of(body))
    assert got == body
    assert (os.stat(store.path_of(kind, digest_of(body))).st_mtime_ns != before) is noted
    if noted:
        assert abs(age_of(store, kind, digest_of(body))) < HOUR


@pytest.mark.parametrize(
    ("limit", "size"), [(20_000, 1000), (100_000, 1000), (400_000, 1000), (100_000, 30_000), (4_000_000, 30_000)]
)
def test_the_limit_is_kept_nearly_while_objects_are_written(store, limit, size):
    """Whether a share holds a fraction of an object or many of them; and the cache is well filled, too."""
    chance = random.Random(limit)
    written = 0
    while written < 2 * limit:
        content = blob(chance, chance.randrange(size // 2, 3 * size // 2))
        assert keep_object(store, content, limit)
        assert there(store, digest_of(content)), "the newest stays"
        written += len(content)
        # Beyond it go those that were written to a folder since it was last looked at.
        assert total(store) <= 1.1 * limit
    assert total(store) >= 0.5 * limit


def test_what_was_written_long_ago_goes_and_what_is_in_use_stays(store):
    chance = random.Random(4)
    limit = 200_000
    hot = [put(store, blob(chance, 1000)) for _ in range(20)]
    for _ in range(600):
        keep_object(store, blob(chance, 1000), limit)
        for digest in hot:
            os.utime(store.path_of(b"objects", digest), (time.time() + 60, time.time() + 60))
    assert all(there(store, digest) for digest in hot)


def test_one_folder_that_gets_everything_does_not_hold_more_than_its_share(store):
    """Objects whose digests begin alike, as no real ones do."""
    chance = random.Random(5)
    limit = 256 * 20_000
    kept = 0
    while kept < 150:
        content = blob(chance, 1000)
        if digest_of(content).startswith("7f"):
            keep_object(store, content, limit)
            kept += 1
            assert total(store) <= 1.3 * 20_000
    assert [entry.key[:2] for entry in entries(store, b"objects")] == ["7f"] * (total(store) // 1000)


@pytest.mark.parametrize(("size", "calls", "most"), [(40, 300, 1000), (4000, 20, 4200)])
def test_a_limit_that_was_lowered_is_reached_by_and_by(store, size, calls, most):
    """However much there is to evict, one call does only so much of it."""
    chance = random.Random(6)
    for _ in range(6000):
        store.put_object(blob(chance, 40))
    before = 6000
    for _ in range(calls):
        keep_object(store, blob(chance, size), 20_000)
        now = len(list(entries(store, b"objects")))
        assert before - now < most
        before = now
    assert total(store) < 25_000


def test_an_object_larger_than_the_limit_is_not_kept(store):
    small = put(store, b"small")
    assert keep_object(store, bytes(1001), 1000) is False
    assert there(store, small)
    assert keep_object(store, bytes(1000), 1000)
    assert [entry.size for entry in entries(store, b"objects")] == [1000]


def test_no_limit_is_none(store):
    for number in range(50):
        assert keep_object(store, b"%d" % number * 1000, 0)
    assert len(list(entries(store, b"objects"))) == 50


def test_records_are_not_evicted_with_objects(store):
    for number in range(50):
        store.put_record(b"decisions", digest_of(b"%d" % number), bytes(500))
        keep_object(store, b"%02d" % number * 500, 3000)
    assert len(store.records(b"decisions")) == 50
    evict_to(store, 0)
    assert len(store.records(b"decisions")) == 50


def test_times_from_before_the_clock_was_set_back_go_first(store):
    """They cannot be told apart from the newest by their time alone; whatever was used since is newer in truth."""
    chance = random.Random(8)
    ahead = [put(store, blob(chance, 1000), -days * DAY) for days in (100, 300, 200)]
    past = [put(store, blob(chance, 1000), days * DAY) for days in (5, 1)]
    evict_to(store, 4000)
    assert [there(store, digest) for digest in ahead] == [False, True, True]
    evict_to(store, 2000)
    assert [there(store, digest) for digest in (*ahead, *past)] == [False, False, False, True, True]
    # And a cache full of them takes new objects and keeps those.
    for number in range(30):
        put(store, b"%02d" % number * 500, -200 * DAY)
    new = blob(chance, 1000)
    for _ in range(8):
        new = blob(chance, 1000)
        assert keep_object(store, new, 10_000)
        assert there(store, digest_of(new))
    assert total(store) <= 10_000


def test_entries_not_used_for_long_are_dropped_by_kind(store):
    for kind in (b"decisions", b"answers"):
        for days in (1, 10, 40, 400, -400):
            store.put_record(kind, digest_of(b"%d" % days), b"x")
            set_age(store, kind, digest_of(b"%d" % days), days * DAY)
    assert drop_older(store, b"answers", 30 * DAY)[0] == 2
    assert store.records(b"answers") == sorted(digest_of(b"%d" % days) for days in (1, 10, -400))
    assert abs(age_of(store, b"answers", digest_of(b"-400"))) < HOUR, "counts from now on"
    assert len(store.records(b"decisions")) == 5


def test_what_killed_writers_left_is_swept_and_what_is_being_written_is_not(store):
    digest = put(store, b"object")
    old, fresh = (Path(os.fsdecode(store.path_of(b"objects", digest) + tail)) for tail in (b".1", b".2"))
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    assert [entry.key for entry in entries(store, b"objects")] == [digest]
    assert (old.exists(), fresh.exists()) == (False, True)


def test_only_what_is_ours_is_an_entry(store, tmp_path):
    """Whoever names a folder with other things in it as the cache must not lose them."""
    put(store, b"object")
    for name in ("objects/ab/README", "objects/photo", "objects/zz/" + "a" * 30, "objects/ab/" + "A" * 30):
        path = tmp_path / "cache" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    (tmp_path / "cache" / "objects" / "ab" / ("b" * 30)).symlink_to(tmp_path)
    assert len(list(entries(store, b"objects"))) == 1
    evict_to(store, 0)
    assert len([path for path in (tmp_path / "cache" / "objects").rglob("*") if path.is_file()]) == 4
    assert kinds(store) == [b"objects"]


def test_cheap_records_are_bounded_in_number(store):
    most = MOST_RECORDS // FOLDERS
    folder = os.path.dirname(store.path_of(b"index", "00" * 16))
    os.makedirs(folder)
    for number in range(most + 1):
        path = os.path.join(folder, b"%030x" % number)
        with open(path, "wb"):
            pass
        os.utime(path, (1e9 + number, 1e9 + number))
    bound_records(store, "00" + "ff" * 15)
    assert len(os.listdir(folder)) == most + 1, "not one that is looked at"
    bound_records(store, "0000" + "ff" * 14)
    left = store.records(b"index")
    assert len(left) == most + 1 - (most + 1) // 4
    assert min(int(key[2:], 16) for key in left) == (most + 1) // 4
    assert b"decisions" not in CHEAP_KINDS


def test_a_folder_that_cannot_be_read_or_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    for place in ("file", "missing", "file/below"):
        store = Store(os.fsencode(tmp_path / place))
        assert evict_to(store, 0) == (0, 0)
        assert kinds(store) == []
        assert keep_object(store, b"x", 10) is (place == "missing")
        bound_records(store, "00" * 16)


def test_what_another_process_removed_is_gone(store):
    put(store, b"object")
    (entry,) = entries(store, b"objects")
    assert isinstance(entry, Entry)
    assert entry.remove()
    assert not entry.remove()


def write_and_read(directory: bytes, number: int, limit: int) -> None:
    """One of many compiles: writes objects of its own and ones that all write, and reads them back."""
    store = Store(directory)
    chance = random.Random(number)
    common = random.Random(0)
    for _ in range(300):
        content = chance.randbytes(1000)
        keep_object(store, content, limit)
        shared = common.randbytes(1000)
        keep_object(store, shared, limit)
        for each in (content, shared):
            if store.get_object(digest_of(each)) not in (None, each):
                os._exit(3)


def test_writers_that_evict_at_once_keep_the_limit_nearly(store):
    fork = multiprocessing.get_context("fork")
    limit = 300_000
    writers = [fork.Process(target=write_and_read, args=(store.directory, number, limit)) for number in range(1, 7)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 6
    assert 0.5 * limit < total(store) <= 1.1 * limit
    for entry in entries(store, b"objects"):
        assert store.get_object(entry.key) is not None
    root = Path(os.fsdecode(store.directory))
    assert [path.name for path in root.rglob("*") if "." in path.name] == []
