"""A tokenizer and the bytes of its tokens."""

import json
import os
from pathlib import Path
from typing import Any

from toolchain.errors import ToolchainError

# One text at a time; and threads would have it complain on stderr when a process is forked.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


class Tokens:
    """A byte-level BPE tokenizer (GPT-2's kind) or one with bytes to fall back on (LLaMA's kind).

    `contents`: the bytes of each token, None for special ones.
    Raises ToolchainError when the file is no tokenizer, ImportError without the package `tokenizers`.
    """

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Any = Tokenizer.from_file(str(path))
        except Exception as error:
            # The package raises nothing more precise.
            raise ToolchainError(
                f"{path} is not a tokenizer: {error}; export it anew with `llmcc-tool model export`"
            ) from error
        # Nothing may be left out or put in unseen.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        table = json.loads(self._tokenizer.to_str())
        special = {entry["id"] for entry in table["added_tokens"] if entry["special"]}
        byte_level = "ByteLevel" in json.dumps([table["decoder"], table["pre_tokenizer"]])
        self.contents: list[bytes | None] = [None] * self._tokenizer.get_vocab_size(with_added_tokens=True)
        for word, number in self._tokenizer.get_vocab(with_added_tokens=True).items():
            if number >= len(self.contents):
                self.contents += [None] * (number + 1 - len(self.contents))
            if number not in special:
                self.contents[number] = _byte_level(word) if byte_level else _with_fallback(word)

    @property
    def special(self) -> frozenset[int]:
        """The tokens that are no text: they end an answer."""
        return frozenset(number for number, content in enumerate(self.contents) if content is None)

    def encode(self, text: str, *, continues: bool = False) -> list[int]:
        """The tokens of a text; one that `continues` another gets no mark of a beginning."""
        numbers: list[int] = self._tokenizer.encode(text, add_special_tokens=not continues).ids
        return numbers

    def text(self, numbers: list[int]) -> str:
        """What tokens say; bytes that are no UTF-8 are replaced."""
        return b"".join(self.contents[number] or b"" for number in numbers).decode("utf-8", "replace")


def _byte_table() -> dict[str, int]:
    """GPT-2's printable characters for the 256 bytes: those that are printable stand for themselves, the others for
    those from 256 on."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + at): byte for at, byte in enumerate(others)}


_BYTES = _byte_table()


def _byte_level(word: str) -> bytes:
    if all(char in _BYTES for char in word):
        return bytes(_BYTES[char] for char in word)
    return word.encode()


def _with_fallback(word: str) -> bytes:
    if len(word) == 6 and word.startswith("<0x") and word.endswith(">"):
        return bytes((int(word[3:5], 16),))
    return word.replace("\N{LOWER ONE EIGHTH BLOCK}", " ").encode()
