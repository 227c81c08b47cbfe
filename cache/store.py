"""Decision records and objects on disk: atomic, checked on read, safe under concurrent writers.

Records are small and kept; objects can be made again and are stored apart, named by their content.
Nothing here raises for an entry that is damaged, cannot be read or is another user's: that is a miss.
A write that fails is a write that did not happen.
"""

import os
import time
from _blake2 import blake2b

_RECORD = b"llmcc-record 1 "
STALE_SECONDS = 86400.0
"""What was left behind so long ago belongs to nobody who still runs."""

_OBJECT_NOTED = 3600.0
_RECORD_NOTED = 86400.0
_NEVER = float("inf")
"""The last use of an entry is its file's time; it is noted again when it is so many seconds off."""


def digest_of(content: bytes) -> str:
    """The name of an object: 32 hexadecimal digits of its content."""
    return blake2b(content, digest_size=16).hexdigest()


def seal(key: str, body: bytes) -> bytes:
    """A record's body with a header that tells whether it is whole and under its own key."""
    # The checksum covers the key as well: a record copied to another key is no record.
    return _RECORD + digest_of(key.encode() + b"\n" + body).encode() + b"\n" + body


def unseal(key: str, content: bytes) -> "bytes | None":
    """The body of a sealed record; None for anything else."""
    body = content.partition(b"\n")[2]
    return body if seal(key, body) == content else None


class Store:
    """A cache folder. `directory` is made on the first write, readable by its owner alone. Reading an entry notes
    that it is in use, unless that is not what `notes_use` says: tools only look."""

    __slots__ = ("directory", "notes_use")

    def __init__(self, directory: bytes, *, notes_use: bool = True) -> None:
        self.directory = directory
        self.notes_use = notes_use

    def get_record(self, kind: bytes, key: str, *, note: bool = True) -> "bytes | None":
        """The record of `kind` (a folder name) under `key`; None when there is none or it is damaged. With `note`
        false, its file's time stays what it is."""
        content = self._read(self.path_of(kind, key), _RECORD_NOTED if note else _NEVER)
        return None if content is None else unseal(key, content)

    def put_record(self, kind: bytes, key: str, body: bytes) -> bool:
        """Keep a record; False when it could not be written."""
        return write_file(self.path_of(kind, key), seal(key, body))

    def drop_record(self, kind: bytes, key: str) -> None:
        """Forget a record, if it is there and can be removed."""
        try:
            os.unlink(self.path_of(kind, key))
        except OSError:
            pass

    def get_object(self, digest: str) -> "bytes | None":
        """The object of that content; None when it is not there or not what its name says."""
        content = self._read(self.path_of(b"objects", digest), _OBJECT_NOTED)
        return content if content is not None and digest_of(content) == digest else None

    def put_object(self, content: bytes) -> bool:
        """Keep an object under its digest; False when it could not be written."""
        digest = digest_of(content)
        # A damaged one is there too, and must be made good.
        return self.get_object(digest) is not None or write_file(self.path_of(b"objects", digest), content)

    def append_line(self, name: bytes, line: bytes) -> int:
        """Add one short line to the file `name` and say how many bytes that has now; lost, not raised, and 0, when
        that fails.

        One write to a descriptor in append mode: lines of concurrent writers do not mix.
        """
        try:
            fd = os.open(os.path.join(self.directory, name), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except FileNotFoundError:
            if not _make(self.directory):
                return 0
            return self.append_line(name, line) if os.path.isdir(self.directory) else 0
        except OSError:
            return 0
        try:
            os.write(fd, line)
            return os.lseek(fd, 0, os.SEEK_CUR)
        except OSError:
            return 0
        finally:
            os.close(fd)

    def temporary_folder(self) -> bytes:
        """A fresh private folder inside the cache. Raises OSError when the cache is not writable."""
        parent = os.path.join(self.directory, b"tmp")
        while True:
            # Process numbers are not unique where containers share a cache.
            path = os.path.join(parent, b"%d-%s" % (os.getpid(), os.urandom(4).hex().encode()))
            try:
                os.mkdir(path, 0o700)
                break
            except FileNotFoundError:
                make_private(parent)
            except FileExistsError:
                continue
        if path.endswith(b"00"):
            # Now and then, sweep up after processes that were killed outright.
            remove_older(parent)
        return path

    def has_records(self, kind: bytes) -> bool:
        """Whether there was ever a record of a kind: cheaper to ask than for many that are not there."""
        return os.path.isdir(os.path.join(self.directory, kind))

    def records(self, kind: bytes) -> "list[str]":
        """The keys of every record of a kind, sorted."""
        root = os.path.join(self.directory, kind)
        keys = []
        for prefix in _listing(root):
            keys += [os.fsdecode(prefix + rest) for rest in _listing(os.path.join(root, prefix)) if b"." not in rest]
        return sorted(keys)

    def path_of(self, kind: bytes, key: str) -> bytes:
        """Where the entry of a kind under `key` is, or would be."""
        return os.path.join(self.directory, kind, key[:2].encode(), key[2:].encode())

    def _read(self, path: bytes, noted: float) -> "bytes | None":
        try:
            with open(path, "rb", buffering=0) as file:
                state = os.fstat(file.fileno())
                # What another user wrote may be made to deceive: its checksum proves nothing.
                if state.st_uid not in (os.geteuid(), 0):
                    return None
                content = file.read()
                # A clock that was set back leaves times that are yet to come: those are noted again as well.
                if self.notes_use and abs(time.time() - state.st_mtime) > noted:
                    _touch(file.fileno())
                return content
        except OSError:
            return None


def write_file(path: bytes, content: bytes) -> bool:
    """Write a file of the owner's alone, whole or not at all, and the folders it is in; False when it could not be
    written."""
    temporary = path + b".%d" % os.getpid()
    for attempt in (1, 2):
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            break
        except FileNotFoundError:
            if attempt == 2 or not _make(os.path.dirname(path)):
                return False
        except OSError:
            return False
    try:
        with open(fd, "wb", buffering=0) as file:
            # A short write is how a full disk can show.
            complete = file.write(content) == len(content)
        if complete:
            os.replace(temporary, path)
            return True
    except OSError:
        pass
    try:
        os.unlink(temporary)
    except OSError:
        pass
    return False


def _make(folder: bytes) -> bool:
    try:
        make_private(folder)
    except OSError:
        return False
    return True


def make_private(folder: bytes) -> None:
    """Make a folder and those missing above it for their owner alone; os.makedirs does so for the last only."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        if not os.path.isdir(folder):
            raise
    except FileNotFoundError:
        parent = os.path.dirname(folder)
        if parent == folder:
            raise
        make_private(parent)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            # Another process was quicker.
            pass


def _touch(fd: int) -> None:
    try:
        os.utime(fd)
    except OSError:
        # A cache that can only be read is as good for that.
        pass


def _listing(folder: bytes) -> "list[bytes]":
    try:
        return os.listdir(folder)
    except OSError:
        return []


def remove_older(parent: bytes, prefix: bytes = b"") -> None:
    """Remove the folders in `parent` that are ours and were made a day ago or before; with a `prefix` those that are
    called so and by 16 hexadecimal digits, as a place that others use too may have all sorts of names."""
    for name in _listing(parent):
        path = os.path.join(parent, name)
        digits = name.removeprefix(prefix)
        if prefix and (len(digits) != 16 or digits == name or digits.strip(b"0123456789abcdef")):
            continue
        try:
            s = os.lstat(path)
            if s.st_uid == os.geteuid() and time.time() - s.st_mtime > STALE_SECONDS:
                remove_folder(path)
        except OSError:
            continue


def remove_folder(path: bytes) -> bool:
    """Remove a folder of files, one level deep, and say whether it is gone; what cannot be removed stays. "" is
    no folder."""
    if not path:
        return True
    for name in _listing(path):
        try:
            os.unlink(os.path.join(path, name))
        except OSError:
            pass
    try:
        os.rmdir(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
