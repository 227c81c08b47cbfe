"""Keep the cache within bounds: of objects, which can be made again, the least recently used go first.

An object's last use is its file's time. In a compile the whole cache is never looked at: of the limit each of
the 256 folders that objects are spread over by their digests has its share, and only some of them are looked at,
after an object was written there. Nothing is locked; two that evict at once are fine, and so is a reader of an
object that goes: he has it, or it is a miss.
"""

import os
import time
from collections.abc import Iterable, Iterator

from cache.store import STALE_SECONDS, Store, digest_of

FOLDERS = 256
_ROOMY = 16
"""Folders are looked at together until their share has room for so many objects like the one just written. A
folder is looked at about so often while its share is written once."""

_MOST_SEEN = 4096
"""Files after which no further folder is looked at in a compile."""

_FILLED = 0.9
"""A compile that evicts leaves this much of the share, so that not each of the next has to."""

_AHEAD_SECONDS = 3600.0
"""A time that lies so far ahead was written before the clock was set back."""

MOST_RECORDS = 1 << 20
"""Records of one kind that can be made again at little cost are bounded in number, not in bytes."""

CHEAP_KINDS = (b"answers", b"calls", b"index", b"locks", b"models", b"passes", b"pipelines")


class Entry:
    """A file of the cache: `kind` and `key` of the entry, `used` its last use (seconds since 1970), `size` in bytes."""

    __slots__ = ("key", "kind", "path", "size", "used")

    def __init__(self, kind: bytes, key: str, path: bytes, used: float, size: int) -> None:
        self.kind = kind
        self.key = key
        self.path = path
        self.used = used
        self.size = size

    def remove(self) -> bool:
        """Remove the file; False when another process was quicker or it cannot be removed."""
        try:
            os.unlink(self.path)
        except OSError:
            return False
        return True


def keep_object(store: Store, content: bytes, limit: int) -> bool:
    """Put an object into a cache whose objects may have `limit` bytes (0: any number), and make room for it.

    False when it was not kept: it could not be written, or is larger than all that may be.
    """
    if limit and len(content) > limit:
        return False
    if not store.put_object(content):
        return False
    if limit:
        _make_room(store, digest_of(content), len(content), limit)
    return True


def _make_room(store: Store, digest: str, size: int, limit: int) -> None:
    """Evict around the object just written, which stays, if it is one after which to look."""
    share = limit / FOLDERS
    # The digest is as good as a die: the more bytes are written to a folder, the more often it is looked at.
    if int(digest[8:16], 16) * share >= _ROOMY * size * 2.0**32:
        return
    first, count = int(digest[:2], 16), 0
    seen: list[Entry] = []
    while count == 0 or (count < FOLDERS and count * share < _ROOMY * size and len(seen) < _MOST_SEEN):
        seen += entries(store, b"objects", ((first + count) % FOLDERS,))
        count += 1
    _evict([entry for entry in seen if entry.key != digest], count * share - size, _FILLED)


def evict_to(store: Store, limit: int) -> tuple[int, int]:
    """Evict the least recently used objects of the whole cache until all have at most `limit` bytes; how many went
    and how many bytes that freed."""
    return _evict(list(entries(store, b"objects")), limit, 1.0)


def _evict(found: list[Entry], limit: float, filled: float) -> tuple[int, int]:
    left = sum(entry.size for entry in found)
    count = freed = 0
    if left <= limit:
        return count, freed
    for entry in least_recent_first(found):
        if left <= limit * filled:
            break
        # What another process has removed is gone as well.
        left -= entry.size
        if entry.remove():
            count, freed = count + 1, freed + entry.size
    return count, freed


def least_recent_first(found: Iterable[Entry]) -> list[Entry]:
    """Entries in the order in which they go. Times from before the clock was set back come first: whatever is
    used from now on is older by its time, and newer in truth."""
    soon = time.time() + _AHEAD_SECONDS
    return sorted(found, key=lambda entry: (entry.used <= soon, entry.used, entry.key))


def bound_records(store: Store, digest: str) -> None:
    """Now and then (by the digits of `digest`), look at one folder of each kind of record that is made again at
    little cost, and drop the least recently used quarter of too many."""
    if int(digest[2:4], 16) >= FOLDERS // 32:
        return
    for kind in CHEAP_KINDS:
        path = os.path.join(store.directory, kind, digest[:2].encode())
        try:
            count = len(os.listdir(path))
        except OSError:
            continue
        if count > MOST_RECORDS // FOLDERS:
            found = least_recent_first(entries(store, kind, (int(digest[:2], 16),)))
            for entry in found[: len(found) // 4]:
                entry.remove()


def drop_older(store: Store, kind: bytes, seconds: float) -> tuple[int, int]:
    """Drop the entries of a kind that were not used for so many seconds; how many went and the bytes freed.

    A time yet to come says nothing of the last use: such an entry's age counts from now on.
    """
    now = time.time()
    count = freed = 0
    for entry in entries(store, kind):
        if entry.used > now + _AHEAD_SECONDS:
            try:
                os.utime(entry.path)
            except OSError:
                continue
        elif now - entry.used > seconds and entry.remove():
            count, freed = count + 1, freed + entry.size
    return count, freed


def kinds(store: Store) -> list[bytes]:
    """The kinds of entries that a cache has, sorted."""
    try:
        with os.scandir(store.directory) as folder:
            found = [item.name for item in folder if item.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(name for name in found if name not in (b"native", b"tmp", b"toolchains"))


def entries(store: Store, kind: bytes, folders: Iterable[int] = range(FOLDERS)) -> Iterator[Entry]:
    """The entries of a kind in some of its folders, in any order. What a writer that was killed has left there
    is removed on the way."""
    now = time.time()
    for number in folders:
        prefix = b"%02x" % number
        try:
            with os.scandir(os.path.join(store.directory, kind, prefix)) as folder:
                for item in folder:
                    try:
                        state = item.stat(follow_symlinks=False)
                        if _is_key(item.name) and item.is_file(follow_symlinks=False):
                            key = (prefix + item.name).decode()
                            yield Entry(kind, key, item.path, state.st_mtime, state.st_size)
                        elif b"." in item.name and abs(now - state.st_mtime) > STALE_SECONDS:
                            os.unlink(item.path)
                    except OSError:
                        # Gone meanwhile.
                        continue
        except OSError:
            continue


_DIGITS = frozenset(b"0123456789abcdef")


def _is_key(rest: bytes) -> bool:
    """Whether a file's name is the rest of a key, after the two digits of its folder."""
    return len(rest) == 30 and _DIGITS.issuperset(rest)
