"""The content key: one pure, versioned, printable function of named ingredients."""

from _blake2 import blake2b

FORMAT = b"llmcc-key 2"
"""First in every key; a change of what is hashed, or of what a record means, changes this."""


def content_key(ingredients: "list[tuple[bytes, bytes]]") -> str:
    """32 hexadecimal digits from (name, value) pairs, in their order.

    Name and value are delimited by their lengths, so that no two lists of ingredients run together.
    """
    return blake2b(_hashed(ingredients), digest_size=16).hexdigest()


def _hashed(ingredients: "list[tuple[bytes, bytes]]") -> bytes:
    pairs = [b"\n%d %s %d %s" % (len(name), name, len(value), value) for name, value in ingredients]
    return b"".join([FORMAT, *pairs])


def hashed_around(ingredients: "list[tuple[bytes, bytes]]", name: bytes) -> "tuple[bytes, bytes]":
    """What is hashed before and after the value of the one ingredient `name`: with another value of that length
    between them, the BLAKE2b digest of 16 bytes is the key of that."""
    at = [known for known, _ in ingredients].index(name)
    before = _hashed(ingredients[: at + 1])
    return before[: len(before) - len(ingredients[at][1])], _hashed(ingredients)[len(before) :]


def printable(ingredients: "list[tuple[bytes, bytes]]") -> str:
    """The ingredients as lines, to answer "why was this a miss?"."""
    lines = [FORMAT.decode()]
    lines += [f"{name.decode()}: {value.decode('utf-8', 'backslashreplace')}" for name, value in ingredients]
    return "\n".join(lines)
