"""Completions of `llmcc-tool` for bash, zsh and fish."""

import shlex

from llmcc.cli.commandline import Argument, Command, every


def files(command: Command) -> dict[str, str]:
    """Each script by the name under which its shell finds it below a share folder."""
    return {
        "bash-completion/completions/llmcc-tool": bash(command),
        "zsh/site-functions/_llmcc-tool": zsh(command),
        "fish/vendor_completions.d/llmcc-tool.fish": fish(command),
    }


_BASH = """\
# bash completion for llmcc-tool; made by `llmcc-tool manual`.
_llmcc_tool() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= words= at
    COMPREPLY=()
    for ((at = 1; at < COMP_CWORD; at++)); do
        # What follows is the user's own build.
        [[ ${COMP_WORDS[at]} == -- ]] && return
    done
    ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}
    case $command in
        %(nested)s) ((COMP_CWORD > 2)) && command+=" ${COMP_WORDS[2]}" ;;
    esac
    case "$command $previous" in
%(values)s
        *)
            case $command in
%(words)s
            esac
            # Anything else is a file.
            [[ $current == -* || $command == "" || $words != *--* ]] || words=
            ;;
    esac
    [[ -n $words ]] && COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -o bashdefault -F _llmcc_tool llmcc-tool
"""


def bash(command: Command) -> str:
    """The script for bash."""
    values, words = [], []
    for each in every(command):
        for option in each.options:
            if option.value and not option.optional:
                patterns = " | ".join(shlex.quote(f"{each.words} {name}") for name in option.names)
                values += [f"        {patterns}) words={shlex.quote(' '.join(option.choices))} ;;"]
        inner = [sub.words.rpartition(" ")[2] for sub in each.commands]
        offered = inner or [name for option in each.options for name in option.names]
        words += [f"                {shlex.quote(each.words)}) words={shlex.quote(' '.join(offered))} ;;"]
    nested = " | ".join(sub.words for sub in command.commands if sub.commands)
    return _BASH % {"nested": nested, "values": "\n".join(values), "words": "\n".join(words)}


def zsh(command: Command) -> str:
    """The script for zsh."""
    lines = ["#compdef llmcc-tool", "# zsh completion for llmcc-tool; made by `llmcc-tool manual`.", ""]
    for each in every(command):
        lines += [f"{_zsh_name(each)}() {{", *_zsh_body(each), "}", ""]
    return "\n".join([*lines, '_llmcc_tool "$@"', ""])


def _zsh_name(command: Command) -> str:
    return "_".join(["_llmcc_tool", *command.words.split()])


def _zsh_body(command: Command) -> list[str]:
    if not command.commands:
        specs = [_zsh_spec(argument) for argument in command.arguments]
        return ["    _arguments \\", *(f"        {spec} \\" for spec in specs), "        && return"]
    names = [(sub.words.rpartition(" ")[2], sub) for sub in command.commands]
    lines = ["    local -a commands", "    commands=("]
    lines += [f"        {shlex.quote(f'{name}:{sub.summary}')}" for name, sub in names]
    lines += [
        "    )",
        "    if ((CURRENT == 2)); then",
        "        _describe command commands",
        "        return",
        "    fi",
    ]
    lines += ["    local command=$words[2]", "    shift words", "    ((CURRENT--))", "    case $command in"]
    lines += [f"        {name}) {_zsh_name(sub)} ;;" for name, sub in names]
    return [*lines, "    esac"]


def _zsh_spec(argument: Argument) -> str:
    """One argument as `_arguments` takes it."""
    action = f"({' '.join(argument.choices)})" if argument.choices else "_files"
    if not argument.names:
        return shlex.quote(f"*:{_zsh_text(argument.value)}:{action}")
    text = f"[{_zsh_text(argument.text)}]"
    value = f"{'::' if argument.optional else ':'}{_zsh_text(argument.value)}:{action}" if argument.value else ""
    if len(argument.names) == 1:
        return shlex.quote(argument.names[0] + text + value)
    # Of several names only one may be there.
    names = " ".join(argument.names)
    return shlex.quote(f"({names})") + f"{{{','.join(argument.names)}}}" + shlex.quote(text + value)


def _zsh_text(text: str) -> str:
    return "".join("\\" + c if c in "[]:\\" else c for c in text)


def fish(command: Command) -> str:
    """The script for fish."""
    lines = ["# fish completion for llmcc-tool; made by `llmcc-tool manual`."]
    lines += ["complete -c llmcc-tool -n __fish_use_subcommand -f"]
    for sub in command.commands:
        lines += [f"complete -c llmcc-tool -n __fish_use_subcommand -a {sub.words} -d {_fish_text(sub.summary)}"]
    for each in every(command):
        conditions = [f"__fish_seen_subcommand_from {word}" for word in each.words.split()]
        for sub in each.commands if each.words else ():
            name = sub.words.rpartition(" ")[2]
            others = " ".join(other.words.rpartition(" ")[2] for other in each.commands)
            when = "; and ".join([*conditions, f"not __fish_seen_subcommand_from {others}"])
            lines += [f"complete -c llmcc-tool -n '{when}' -f -a {name} -d {_fish_text(sub.summary)}"]
        when = "; and ".join(conditions) or "__fish_use_subcommand"
        lines += [f"complete -c llmcc-tool -n '{when}' {_fish_option(option)}" for option in each.options]
    return "\n".join([*lines, ""])


def _fish_option(option: Argument) -> str:
    words = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    if option.choices:
        words += [f"-x -a {_fish_text(' '.join(option.choices))}"]
    elif option.value and not option.optional:
        words += ["-r"]
    return " ".join([*words, f"-d {_fish_text(option.text)}"])


def _fish_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
