"""The lock file: decisions as sorted text, one line per unit, made to be committed and to be read in a diff.

    llmcc-lock 1
    gates: structure,certificate,user
    tool: 5c1e… Debian clang version 19.1.7 (3+b1)

    # source flags before after ir object recipe
    src/json.c 1a2b3c4d 8318 8049 0f3c… 77ab… <clang>,mergefunc

The lines of the head (`word: value`) mean nothing here. A unit is named by its source and a digest of its flags;
there may be several of one name, of different IR (the same source compiled with other macros). The order of lines
does not count when reading, so that either side of a merge will do.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = b"llmcc-lock 1"
_LEGEND = b"# source flags before after ir object recipe"
_NO_RECIPE = b"-"
_HEX = b"0123456789abcdef"
_PLAIN = b"".join(b"%c" % code for code in range(0x21, 0x7F) if code not in b"%#*<=>|")
"""What stands for itself in the name of a source. The others could be taken for something else in the file."""
_CONFLICT = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")


class DamageError(Exception):
    """A lock file cannot be read: `line` is where (from 1), `sentence` why."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"line {line}: {sentence}")
        self.line = line
        self.sentence = sentence


class Entry:
    """One unit: its `source` by name, `flags` (8 hexadecimal digits), the digest of its IR, sizes `before` and
    `after` in bytes, the digest of its object, and the recipe ("": none)."""

    __slots__ = ("after", "before", "flags", "ir", "object_digest", "recipe", "source")

    def __init__(
        self, source: bytes, flags: str, before: int, after: int, ir: str, object_digest: str, recipe: str
    ) -> None:
        self.source = source
        self.flags = flags
        self.before = before
        self.after = after
        self.ir = ir
        self.object_digest = object_digest
        self.recipe = recipe

    @classmethod
    def parse(cls, line: bytes) -> "Entry":
        """Raises ValueError, with the sentence, when it is not the line of a unit."""
        words = line.split(b" ", 6)
        if len(words) != 7:
            raise ValueError("this is not the line of a unit, which has seven columns")
        name, flags, before, after, ir, made, recipe = words
        if not name or not _is_hex(flags, 8) or not _is_hex(ir, 32) or not _is_hex(made, 32):
            raise ValueError("a name or a digest in this line is damaged")
        if not (before.isdigit() and after.isdigit()) or len(before + after) > 24:
            raise ValueError("a size in this line is not a number")
        if not recipe or recipe != recipe.strip() or not _is_printable(recipe):
            raise ValueError("the recipe in this line is damaged")
        text = "" if recipe == _NO_RECIPE else recipe.decode("ascii")
        return cls(unescape(name), flags.decode(), int(before), int(after), ir.decode(), made.decode(), text)

    @property
    def line(self) -> bytes:
        """The unit as the file has it, without the line's end."""
        words = (self.flags, str(self.before), str(self.after), self.ir, self.object_digest)
        return b" ".join([escape(self.source), " ".join(words).encode(), self.recipe.encode() or _NO_RECIPE])

    @property
    def name(self) -> "tuple[bytes, str]":
        """What tells a unit from others, whatever was decided: source and flags."""
        return self.source, self.flags

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entry) and self.line == other.line

    def __hash__(self) -> int:
        return hash(self.line)

    def __repr__(self) -> str:
        return f"Entry({self.line!r})"


class LockFile:
    """A whole file: the lines of its `head` as (word, value), and its `entries`."""

    __slots__ = ("entries", "head")

    def __init__(self, head: "Iterable[tuple[str, str]]", entries: "Iterable[Entry]") -> None:
        self.head = sorted(set(head))
        self.entries = sorted(entries, key=lambda entry: entry.line)

    @classmethod
    def parse(cls, content: bytes) -> "LockFile":
        """Raises DamageError."""
        lines = content.split(b"\n")
        if lines[0] != FORMAT:
            found = lines[0][:40].decode("ascii", "backslashreplace")
            raise DamageError(1, f"a lock file begins with {FORMAT.decode()!r}, not {found!r}")
        if lines[-1]:
            raise DamageError(len(lines), "the file ends in the middle of a line")
        start = next((number for number, line in enumerate(lines) if not line), len(lines))
        head = [_head_line(number + 1, lines[number]) for number in range(1, start)]
        if start == len(lines) - 1:
            raise DamageError(start, "the file ends after its head")
        entries: dict[tuple[bytes, str, str], Entry] = {}
        for number in range(start + 1, len(lines) - 1):
            line = lines[number]
            if line.startswith(b"#"):
                continue
            try:
                entry = Entry.parse(line)
            except ValueError as error:
                raise DamageError(number + 1, _conflict(line) or str(error)) from error
            if entries.setdefault((*entry.name, entry.ir), entry) is not entry:
                raise DamageError(number + 1, "there is another line for this unit; keep one of the two")
        return cls(head, entries.values())

    def show(self) -> bytes:
        """The file's content."""
        head = [f"{word}: {value}".encode() for word, value in self.head]
        return b"\n".join([FORMAT, *head, b"", _LEGEND, *(entry.line for entry in self.entries), b""])


def head_of(content: bytes) -> "list[tuple[str, str]]":
    """The head of a file that `LockFile.parse` reads, without reading the rest of it."""
    lines = content.partition(b"\n\n")[0].split(b"\n")[1:]
    return [_head_line(number + 2, line) for number, line in enumerate(lines)]


def entries_of(content: bytes, source: bytes) -> "list[Entry]":
    """The units of one source in a file that `LockFile.parse` reads, sorted, without reading all of it."""
    start, found = b"\n" + escape(source) + b" ", []
    at = content.find(start, content.find(b"\n\n"))
    while at >= 0:
        end = content.index(b"\n", at + 1)
        found.append(Entry.parse(content[at + 1 : end]))
        at = content.find(start, end)
    return sorted(found, key=lambda entry: entry.line)


def escape(name: bytes) -> bytes:
    """A source's name as one printable word: `%` and two digits for each byte that could be misread."""
    if not name.translate(None, _PLAIN):
        return name
    return b"".join(b"%c" % code if code in _PLAIN else b"%%%02X" % code for code in name)


def unescape(word: bytes) -> bytes:
    """What `escape` made the word of. Raises ValueError for what it does not make."""
    first, *rest = word.split(b"%")
    if all(len(part) >= 2 and not part[:2].strip(b"0123456789ABCDEF") for part in rest):
        name = first + b"".join(b"%c" % int(part[:2], 16) + part[2:] for part in rest)
        if escape(name) == word:
            return name
    raise ValueError("the name in this line is damaged")


def _is_hex(word: bytes, digits: int) -> bool:
    return len(word) == digits and not word.strip(_HEX)


def _is_printable(text: bytes) -> bool:
    return text.isascii() and text.decode().isprintable()


def _head_line(number: int, line: bytes) -> "tuple[str, str]":
    word, colon, value = line.partition(b": ")
    if not colon or not word or word.strip(b"abcdefghijklmnopqrstuvwxyz-") or not _is_printable(value):
        raise DamageError(number, _conflict(line) or "this is not a line of the file's head, `word: value`")
    return word.decode(), value.decode()


def _conflict(line: bytes) -> str:
    return "this is a merge conflict; take the lines of either side" if line.startswith(_CONFLICT) else ""
