"""Lines folded into counts: none lost and none counted twice, whoever appends, folds or is killed meanwhile."""

import fcntl
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from cache import tally
from cache.store import Store

LINE = b"kept kept 100 90 7\n"


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(os.fsencode(tmp_path / "cache"))


def folder(store: Store) -> Path:
    return Path(os.fsdecode(store.directory))


def calls(store: Store) -> int:
    return sum(numbers[0] for numbers in tally.read(store, b"stats").values())


def test_counts_are_the_lines(store):
    assert tally.read(store, b"stats") == {}
    for number in range(3):
        store.append_line(b"stats", LINE)
        store.append_line(b"stats", b"hit kept %d 5 1\n" % number)
    expected = {("kept", "kept"): [3, 300, 270, 21], ("hit", "kept"): [3, 3, 15, 3]}
    for _ in range(4):
        assert tally.read(store, b"stats") == expected
        assert tally.fold(store, b"stats")
        assert not (folder(store) / "stats").exists()
    store.append_line(b"stats", LINE)
    assert tally.read(store, b"stats")["kept", "kept"] == [4, 400, 360, 28]


def test_the_files_do_not_grow(store):
    for _ in range(50):
        for _ in range(100):
            store.append_line(b"stats", LINE)
        os.utime(folder(store) / "stats", (1e9, 1e9))
        tally.fold(store, b"stats")
    sizes = {path.name: path.stat().st_size for path in folder(store).iterdir()}
    assert sizes.keys() == {"stats.50", "stats.counts", "stats.lock"}
    assert sum(sizes.values()) < 100 * len(LINE) + 200
    assert calls(store) == 5000


def test_a_line_written_to_a_file_that_was_just_folded_counts(store):
    """Its writer had opened it before."""
    store.append_line(b"stats", LINE)
    with open(folder(store) / "stats", "ab", buffering=0) as late:
        assert tally.fold(store, b"stats")
        late.write(LINE)
        assert calls(store) == 2
        store.append_line(b"stats", LINE)
        assert tally.fold(store, b"stats")
    assert calls(store) == 3
    assert tally.fold(store, b"stats")
    assert calls(store) == 3


def test_lines_that_are_cut_off_count_for_nothing(store):
    for line in (
        b"kept kept 1 2",
        b"\nkept 5 5 5\n",
        b"kept kept 1 -2 3\n",
        b"\xff\xfe\n\n",
        "kept kept 1 2 \u00b2\n".encode(),
        LINE,
        b"kept kept 1 1 1",
    ):
        store.append_line(b"stats", line)
    for _ in range(2):
        assert tally.read(store, b"stats") == {("kept", "kept"): [1, 100, 90, 7]}
        tally.fold(store, b"stats")
    for damaged in (b"", b"llmcc-counts 1 1\n", b"llmcc-counts 1 1:0\nkept kept x\n", b"\xff\0"):
        (folder(store) / "stats.counts").write_bytes(damaged)
        assert calls(store) == 1, "what is still there"
        assert tally.fold(store, b"stats")
        assert calls(store) == 1


def test_zero_forgets_what_was_and_counts_what_comes(store):
    tally.zero(store, b"stats")
    for folded in (False, True):
        store.append_line(b"stats", LINE)
        if folded:
            tally.fold(store, b"stats")
        tally.zero(store, b"stats")
        assert tally.read(store, b"stats") == {}
        assert tally.read(store, b"stats") == {}
    store.append_line(b"stats", LINE)
    assert calls(store) == 1


def test_nobody_waits_for_the_lock(store):
    store.append_line(b"stats", LINE)
    assert tally.fold(store, b"stats")
    store.append_line(b"stats", LINE)
    with open(folder(store) / "stats.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert tally.fold(store, b"stats") is False
        assert (folder(store) / "stats").exists()
    assert tally.fold(store, b"stats")
    assert calls(store) == 2


def test_a_folder_that_cannot_be_written_is_not_folded(tmp_path):
    (tmp_path / "file").write_text("")
    for place in ("file", "file/below", "missing"):
        store = Store(os.fsencode(tmp_path / place))
        assert tally.fold(store, b"stats") is False
        assert tally.read(store, b"stats") == {}
    assert not (tmp_path / "missing").exists()


def append(directory: bytes, count: int) -> None:
    store = Store(directory)
    for _ in range(count):
        store.append_line(b"stats", LINE)


def fold_often(directory: bytes, stop) -> None:
    store = Store(directory)
    while not stop.is_set():
        if store.append_line(b"stats", b"") > 4000:
            tally.fold(store, b"stats")


def test_concurrent_appends_and_folds_lose_nothing(store):
    fork = multiprocessing.get_context("fork")
    append(store.directory, 1)
    stop = fork.Event()
    folders = [fork.Process(target=fold_often, args=(store.directory, stop)) for _ in range(2)]
    writers = [fork.Process(target=append, args=(store.directory, 3000)) for _ in range(4)]
    for process in (*folders, *writers):
        process.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        seen.append(calls(store))
    for writer in writers:
        writer.join()
    stop.set()
    for process in folders:
        process.join()
    assert [process.exitcode for process in (*folders, *writers)] == [0] * 6
    assert seen == sorted(seen), "a reader never sees less than before"
    assert tally.read(store, b"stats") == {("kept", "kept"): [12001, 1200100, 1080090, 84007]}


STEPS = ("rename", "replace", "unlink")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("segments", [0, 1, 3])
def test_a_folder_killed_at_any_step_loses_nothing(store, step, after, segments):
    """Killed by a signal right before or right after each step that changes the folder."""
    expected = 0
    for _ in range(segments + 1):
        append(store.directory, 10)
        expected += 10
        os.utime(folder(store) / "stats", (1e9, 1e9))
        if expected <= 10 * segments:
            tally.fold(store, b"stats")

    def die_there() -> None:
        really = getattr(os, step)

        def killed(*args):
            if after:
                really(*args)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(os, step, killed)
        tally.fold(store, b"stats")

    process = multiprocessing.get_context("fork").Process(target=die_there)
    process.start()
    process.join()
    reached = step != "unlink" or segments > 0
    assert process.exitcode == (-signal.SIGKILL if reached else 0)
    assert calls(store) == expected
    append(store.directory, 10)
    assert calls(store) == expected + 10
    for path in folder(store).iterdir():
        os.utime(path, (1e9, 1e9))
    assert tally.fold(store, b"stats")
    assert calls(store) == expected + 10
    assert len([path for path in folder(store).iterdir() if path.suffix[1:].isdigit()]) == 1
