"""The content key: one pure, versioned, printable function of named ingredients."""

from _blake2 import blake2b

FORMAT = b"llmcc-key 2"
"""First in every key; a change of what is hashed, or of what a record means, changes this."""


def content_key(ingredients: "list[tuple[bytes, bytes]]") -> str:
    """32 hexadecimal digits from (name, value) pairs, in their order.

    Name and value are delimited by their lengths, so that no two lists of ingredients run together.
    """
    digest = blake2b(FORMAT, digest_size=16)
    for name, value in ingredients:
        digest.update(b"\n%d %s %d " % (len(name), name, len(value)))
        digest.update(value)
    return digest.hexdigest()


def printable(ingredients: "list[tuple[bytes, bytes]]") -> str:
    """The ingredients as lines, to answer "why was this a miss?"."""
    lines = [FORMAT.decode()]
    lines += [f"{name.decode()}: {value.decode('utf-8', 'backslashreplace')}" for name, value in ingredients]
    return "\n".join(lines)
