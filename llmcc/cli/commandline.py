"""The command line of the tools as values: what man pages and completions are made of."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Argument:
    """An option (`names`) or, without names, a positional argument.

    `value` is what stands for its value, "" where it takes none; `optional`: the value may be left out; `choices`: what
    it may be, if that is fixed; `path`: it is a file or a folder; `text` is its help.
    """

    names: tuple[str, ...]
    value: str
    optional: bool
    choices: tuple[str, ...]
    path: bool
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its `words` ("lock update"), usage, description with examples, and exit status."""

    words: str
    summary: str
    usage: str
    description: str
    status: str
    arguments: tuple[Argument, ...]
    commands: tuple["Command", ...]

    @property
    def options(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if argument.names)


def describe(parser: argparse.ArgumentParser, summary: str = "") -> Command:
    """A parser and those of its subcommands, in their order."""
    subs = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    commands = []
    for action in subs:
        summaries = {each.dest: each.help or "" for each in action._get_subactions()}
        commands += [describe(sub, summaries.get(name, "")) for name, sub in action.choices.items()]
    return Command(
        parser.prog.partition(" ")[2],
        summary,
        " ".join(parser.format_usage().removeprefix("usage: ").split()),
        parser.description or "",
        parser.epilog or "",
        tuple(_argument(action) for action in parser._actions if action not in subs and _is_shown(action)),
        tuple(commands),
    )


def _is_shown(action: argparse.Action) -> bool:
    return action.help is not argparse.SUPPRESS or "--help" in action.option_strings


def _argument(action: argparse.Action) -> Argument:
    takes = action.nargs != 0
    name = action.metavar or (action.dest if not action.option_strings else action.dest.upper())
    value = name if isinstance(name, str) else " ".join(name)
    text = "show help" if "--help" in action.option_strings else action.help or ""
    return Argument(
        tuple(action.option_strings),
        value if takes else "",
        action.nargs in ("?", "*"),
        tuple(map(str, action.choices or ())),
        action.type is Path or value in ("FILE", "DIR"),
        text.replace("%%", "%"),
    )


def every(command: Command) -> Iterator[Command]:
    """A command and all below it."""
    yield command
    for sub in command.commands:
        yield from every(sub)
