"""Words and figures of a report. What others chose (names of files and symbols, evidence of gates) is made fit to
be shown."""

import re

from llmcc.report.data import share


def shown(text: str) -> str:
    """One line of printable characters that stands for `text`.

    What a terminal, a table or a reader would take for something else (control characters, lone surrogates of names
    that are not UTF-8, marks that turn the direction of writing) is written as an escape.
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(ord(c)) for c in text)


def _escaped(code: int) -> str:
    # Python's stand-in for a byte that is not UTF-8.
    code = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_PLAIN = re.compile(r"[A-Za-z0-9_./+=,: ()~%-]+")


def in_markdown(text: str) -> str:
    """`text` as code in a cell of a Markdown table, whatever is in it."""
    words = shown(text)
    if not words:
        return ""
    if _PLAIN.fullmatch(words) and words == words.strip():
        return f"`{words}`"
    # No number of backquotes is safe for all of |, ` and \; as entities nothing has a meaning.
    entities = "".join(c if c.isalnum() else f"&#{ord(c)};" for c in words)
    return f"<code>{entities}</code>"


def in_csv(text: str) -> str:
    """`text` for a cell that a spreadsheet must not take for a formula."""
    words = shown(text)
    return "./" + words if words.startswith(("=", "+", "-", "@")) else words


def percent(before: int, after: int) -> str:
    """A saving."""
    return f"{100 * share(before - after, before):.2f} %"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{seconds:.1f} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
