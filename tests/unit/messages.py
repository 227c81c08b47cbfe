"""Every sentence that a user can be told when something cannot be done, collected from the source.

`python -m tests.unit.messages` writes them to messages.txt, which a test compares with the source: whoever changes or
adds one sees it among the others.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("cache", "toolchain", "llmcc")
ERRORS = frozenset({"UserError", "SettingsError", "ToolchainError", "ProcessLostError", "LockFileError"})


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """A sentence with `{}` where a value stands, and where it is raised."""

    sentence: str
    error: str
    path: str


TABLE = Path(__file__).with_name("messages.txt")


def table() -> str:
    """What messages.txt has to be."""
    return "".join(f"{message.error:16} {message.path:28} {message.sentence}\n" for message in collect())


def collect() -> list[Message]:
    """Every message, sorted. Raises AssertionError for one that cannot be read off the source."""
    found = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            for error, sentence in _in_file(ast.parse(path.read_text()), name):
                found.add(Message(sentence, error, name))
    return sorted(found)


def _in_file(tree: ast.Module, name: str) -> Iterator[tuple[str, str]]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS):
            continue
        inside = [function for function in functions if function.lineno <= node.lineno <= (function.end_lineno or 0)]
        texts = list(_texts(node.args[0], inside)) if node.args else []
        assert texts, f"{name}:{node.lineno}: a message that cannot be read off the source"
        for text in texts:
            yield node.func.id, text


def _texts(node: ast.expr, inside: list[ast.FunctionDef]) -> Iterator[str]:
    """What an expression can say; a name says what was assigned to it in the function."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield from _joined(node.values, inside)
    elif isinstance(node, ast.FormattedValue):
        yield from _value(node.value, inside)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, inside)
        yield from _texts(node.orelse, inside)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _joined([node.left, node.right], inside)
    elif isinstance(node, ast.Name):
        for function in inside[-1:]:
            for each in ast.walk(function):
                if isinstance(each, ast.Assign) and any(_names(target, node.id) for target in each.targets):
                    yield from _texts(each.value, inside)


def _value(node: ast.expr, inside: list[ast.FunctionDef]) -> Iterator[str]:
    """What stands in braces: words of the source's own, where they are, else a value."""
    known = list(_texts(node, inside)) if isinstance(node, ast.IfExp | ast.Name | ast.Constant) else []
    yield from known or ["{}"]


def _names(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _joined(parts: list[ast.expr], inside: list[ast.FunctionDef]) -> Iterator[str]:
    texts = [""]
    for part in parts:
        texts = [text + more for text in texts for more in _texts(part, inside) or ["{}"]]
    yield from texts


if __name__ == "__main__":
    TABLE.write_text(table())
