"""Entries of a cache as one tar file, to carry from one machine to another.

Every member is a regular file `KIND/KEY`; a record's has its checksum in it, an object's name is its own. The same
entries give the same bytes. What is read was made by somebody else: nothing of it is written but what passes every
check here, under a name made here.
"""

import io
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cache.store import Store, digest_of, seal, unseal

KINDS = {"decisions": 1 << 24, "objects": 1 << 30}
"""What an archive may have, and the most bytes of each."""

_NAME = re.compile(r"([a-z]+)/([0-9a-f]{32})")


class ArchiveError(Exception):
    """The file is no archive, or ends too early. The sentence says which."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive: the entry `kind`, `key` with its `body`, or the `problem` that refuses it."""

    name: str
    kind: str = ""
    key: str = ""
    body: bytes = b""
    problem: str = ""


def write_archive(path: bytes, members: Iterable[tuple[str, str, bytes]]) -> None:
    """Write (kind, key, body) to a tar file, in the order given. Raises OSError."""
    temporary = path + b".%d.tmp" % os.getpid()
    try:
        with open(temporary, "xb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for kind, key, body in members:
                content = seal(key, body) if kind != "objects" else body
                # Owner, group and time are nobody's and zero unless they are set.
                info = tarfile.TarInfo(f"{kind}/{key}")
                info.size, info.mode = len(content), 0o644
                tar.addfile(info, io.BytesIO(content))
        os.replace(temporary, path)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise


def read_archive(path: bytes) -> Iterator[Member]:
    """The members of an archive, one after the other. Raises ArchiveError, and OSError when there is no file."""
    with open(path, "rb") as file:
        try:
            # Never compressed: a small file must not become a large one.
            with tarfile.open(fileobj=file, mode="r:") as tar:
                for info in tar:
                    yield _read_member(tar, info)
                    # The list of what was seen grows with the archive.
                    tar.members = []  # type: ignore[attr-defined]
        except (tarfile.TarError, EOFError, OSError, ValueError, OverflowError, IndexError) as error:
            raise ArchiveError(f"is no tar file, or a damaged one: {error}") from error


def _read_member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or info.issparse():
        return Member(info.name, problem="is no regular file")
    match = _NAME.fullmatch(info.name)
    if not match:
        return Member(info.name, problem="is no name of an entry")
    kind, key = match.groups()
    if kind not in KINDS:
        return Member(info.name, problem="is of an unknown kind")
    if not 0 <= info.size <= KINDS[kind]:
        return Member(info.name, problem="is too large")
    file = tar.extractfile(info)
    content = file.read() if file is not None else b""
    body = unseal(key, content) if kind != "objects" else content if digest_of(content) == key else None
    if body is None:
        return Member(info.name, problem="is not what its checksum says")
    return Member(info.name, kind, key, body)


def add_entry(store: Store, member: Member) -> str:
    """Put a member that has no problem into the cache unless it is there: "added", "known", or "unwritable"."""
    if member.kind == "objects":
        if store.get_object(member.key) is not None:
            return "known"
        return "added" if store.put_object(member.body) else "unwritable"
    kind = member.kind.encode()
    if store.get_record(kind, member.key) is not None:
        return "known"
    return "added" if store.put_record(kind, member.key, member.body) else "unwritable"
