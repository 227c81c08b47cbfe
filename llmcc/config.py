"""Settings: from the environment, then `llmcc.toml` upwards of the source, then the default.

On the hot path: without an llmcc.toml this imports nothing.
"""

import os
import sys

from toolchain import discover
from toolchain.errors import ToolchainError


class SettingsError(Exception):
    """A setting is wrong. The sentence says which and what would be right."""


class Setting:
    """One setting: environment variable `name`, `default`, `kind` (text, count, factor, list, flag)
    and one sentence for the documents. In llmcc.toml it is the name without LLMCC_, in lower case."""

    __slots__ = ("default", "kind", "name", "sentence")

    def __init__(self, name: str, default: str, kind: str, sentence: str) -> None:
        self.name = name
        self.default = default
        self.kind = kind
        self.sentence = sentence

    @property
    def key(self) -> str:
        return self.name.removeprefix("LLMCC_").lower()


DEFAULT_CANDIDATES = 8

PROVEN_MAJORS = (19, 22)
"""LLVM majors that the shipped model's recipes are certified for, the one that it was mined with first
(llmcc/certify/certificates says the same, but no call that is clang's may wait for a look there)."""

SETTINGS = (
    Setting("LLMCC_BUDGET", "8", "factor", "most time for candidates, in clang's, 1 charged for each; unset: enough"),
    Setting("LLMCC_CANDIDATES", str(DEFAULT_CANDIDATES), "count", "recipes tried; from 33 on a search; 0 = cache only"),
    Setting("LLMCC_CLANG", "", "text", "the clang to drive; default: clang-19 or -22 (certified), else the newest"),
    Setting("LLMCC_DEVICE", "auto", "device", "where the model runs: auto, cuda or cpu"),
    Setting("LLMCC_DIR", "", "text", "cache folder; default: the platform's user cache folder"),
    Setting("LLMCC_DISABLE", "", "flag", "1 = be clang"),
    Setting("LLMCC_GATES", "structure,certificate,user", "list", "gates that a candidate must pass"),
    Setting("LLMCC_LEVELS", "s,z", "list", "-O levels that llmcc acts on"),
    Setting("LLMCC_LOCK", "llmcc.lock", "path", "lock file; a name alone is looked for upwards of the source"),
    Setting("LLMCC_LOCKED", "", "flag", "1 = decide what the lock file says, without the model"),
    Setting("LLMCC_LOG", "", "text", "file that gets one JSON line per call"),
    Setting("LLMCC_MAX_SIZE", "5G", "size", "most bytes of objects in the cache, least recently used go; 0 = no limit"),
    Setting("LLMCC_MODEL", "", "text", "ranker's file or language model's folder; default: the one shipped"),
    Setting("LLMCC_RECORD", "", "text", "folder that receives the IR and command of every unit"),
    Setting("LLMCC_RECORD_CPUS", "", "list", "Cortex-M, or rv32imac, to record units for too (picolibc)"),
    Setting("LLMCC_REMOTE", "", "address", "shared cache: redis://, rediss://, unix:// or http(s)://; see below"),
    Setting("LLMCC_STACK_GROWTH", "1.25", "factor", "most growth of a unit's largest stack frame on bare metal"),
    Setting("LLMCC_STRICT", "", "flag", "1 = an internal error fails the compile instead of falling back"),
    Setting("LLMCC_TEST", "", "text", "shell command that must exit 0 for a candidate to be kept"),
)  # fmt: skip


def table() -> str:
    """The settings as README shows them."""
    rows = [f"| `{s.name}` | {'`' + s.default + '`' if s.default else ''} | {s.sentence} |" for s in SETTINGS]
    return "\n".join(["| name | default | what |", "|---|---|---|", *rows])


KNOWN_GATES = ("structure", "certificate", "twin", "user")
DEVICES = ("auto", "cpu", "cuda")


class Settings:
    """The settings of one call, resolved. `origin` says for each name where its value came from."""

    __slots__ = (
        "budget", "candidates", "clang", "device", "directory", "disable", "exclude", "gates", "levels",
        "lock", "locked", "log", "max_size", "model", "origin", "record", "record_cpus", "remote", "stack_growth",
        "strict", "test",
    )  # fmt: skip

    def __init__(self, values: "dict[str, str]", origin: "dict[str, str]", exclude: "tuple[str, ...]") -> None:
        """Raises SettingsError when a value cannot be used."""
        self.origin = origin
        self.exclude = exclude
        self.budget = _number(values, "LLMCC_BUDGET")
        self.candidates = int(_number(values, "LLMCC_CANDIDATES", whole=True))
        if origin.get("LLMCC_BUDGET") == "default":
            # Who asks for more candidates and says nothing of time means them all.
            self.budget = max(self.budget, float(self.candidates))
        self.clang = values["LLMCC_CLANG"]
        self.device = _one_of(values, "LLMCC_DEVICE", DEVICES)
        self.directory = values["LLMCC_DIR"] or default_directory()
        self.disable = _flag(values, "LLMCC_DISABLE")
        self.gates = _names(values, "LLMCC_GATES", KNOWN_GATES)
        self.levels = _names(values, "LLMCC_LEVELS", ("0", "1", "2", "3", "s", "z"))
        self.lock = values["LLMCC_LOCK"]
        self.locked = _flag(values, "LLMCC_LOCKED")
        self.log = values["LLMCC_LOG"]
        self.max_size = parse_size(values["LLMCC_MAX_SIZE"], "LLMCC_MAX_SIZE")
        self.model = values["LLMCC_MODEL"]
        self.record = values["LLMCC_RECORD"]
        self.record_cpus = tuple(word.strip() for word in values["LLMCC_RECORD_CPUS"].split(",") if word.strip())
        self.remote = _address(values, "LLMCC_REMOTE")
        self.stack_growth = _number(values, "LLMCC_STACK_GROWTH")
        self.strict = _flag(values, "LLMCC_STRICT")
        self.test = values["LLMCC_TEST"]

    @property
    def attempts(self) -> int:
        """Recipes that a unit may be tried with."""
        return min(self.candidates, int(self.budget))


def resolve(start: str) -> Settings:
    """The settings for a source in folder `start`. Raises SettingsError for any that is wrong."""
    values, origin = {}, {}
    exclude: tuple[str, ...] = ()
    path = find_file(start)
    from_file: dict[str, str] = {}
    if path:
        from_file, exclude = read_file(path)
    known = {setting.name for setting in SETTINGS}
    for name in os.environ:
        if name.startswith("LLMCC_") and name not in known and name not in FOR_TESTS:
            raise SettingsError(f"{name} is not a setting{_did_you_mean(name, known)}")
    for setting in SETTINGS:
        if setting.name in os.environ:
            values[setting.name], origin[setting.name] = os.environ[setting.name], "environment"
        elif setting.name in from_file:
            values[setting.name], origin[setting.name] = from_file[setting.name], path
        else:
            values[setting.name], origin[setting.name] = setting.default, "default"
    values["LLMCC_LOCK"] = _lock_path(values["LLMCC_LOCK"], os.path.dirname(path), origin["LLMCC_LOCK"] == path, start)
    return Settings(values, origin, exclude)


FOR_TESTS = frozenset({"LLMCC_OBJECT", "LLMCC_BASELINE_OBJECT", "LLMCC_SOURCE", "LLMCC_ROOT"})
"""Names with our prefix that are not settings: what LLMCC_TEST is given, and the CMake toolchain's."""


def _lock_path(named: str, beside: str, in_file: bool, start: str) -> str:
    """Where the lock file is, or would be. Named in llmcc.toml, it is beside that file."""
    if not named:
        return ""
    if in_file:
        return os.path.join(beside, named)
    if "/" in named:
        return os.path.abspath(named)
    return find_file(start, named) or os.path.join(os.path.abspath(start), named)


def find_file(start: str, name: str = "llmcc.toml") -> str:
    """The nearest file of that name in `start` or above; empty when there is none."""
    folder = os.path.abspath(start)
    while True:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent


def read_file(path: str) -> "tuple[dict[str, str], tuple[str, ...]]":
    """Settings by environment name, and the exclude globs. Raises SettingsError."""
    import tomllib

    try:
        with open(path, "rb") as file:
            table = tomllib.load(file)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {error}; mend it, or remove it") from error
    exclude = table.pop("exclude", [])
    if not isinstance(exclude, list) or not all(isinstance(item, str) for item in exclude):
        raise SettingsError(f"{path}: exclude must be a list of globs")
    names = {setting.key: setting.name for setting in SETTINGS}
    values = {}
    for key, value in table.items():
        if key not in names:
            raise SettingsError(f"{path}: {key} is not a setting{_did_you_mean(key, {*names, 'exclude'})}")
        if isinstance(value, bool):
            value = "1" if value else ""
        values[names[key]] = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return values, tuple(exclude)


def default_directory() -> str:
    """The platform's user cache folder for llmcc."""
    if sys.platform.startswith("linux"):
        # What platformdirs answers here, without the 20 ms that importing it costs.
        base = os.environ.get("XDG_CACHE_HOME", "").strip()
        # A relative one is to be ignored (XDG Base Directory Specification).
        return os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.cache"), "llmcc")
    import platformdirs

    return platformdirs.user_cache_dir("llmcc", appauthor=False)


def choose_clang(named: bytes, search_path: bytes) -> bytes:
    """The clang that LLMCC_CLANG names; when it names none the one that the shipped model knows, or else
    the newest. Raises ToolchainError."""
    if not named:
        return discover.find_clang(search_path, PROVEN_MAJORS)
    clang = discover.find_named(named, search_path)
    if not clang:
        raise ToolchainError(f"LLMCC_CLANG={os.fsdecode(named)} is not a clang that can be run; name one that is")
    return clang


_UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 1 << 10, "MI": 1 << 20, "GI": 1 << 30, "TI": 1 << 40}


def parse_size(text: str, name: str) -> int:
    """Bytes, from a number that K, M, G, T (of 1000) or Ki, Mi, Gi, Ti (of 1024) may follow. Raises SettingsError,
    which calls the value by `name`."""
    word = text.strip().upper().removesuffix("B")
    unit = word.lstrip("0123456789.")
    number = word.removesuffix(unit).strip() if unit else word
    factor = _UNITS.get(unit.strip()) if unit.strip() else 1
    try:
        size = float(number) * factor if factor else -1.0
    except ValueError:
        size = -1.0
    if not 0 <= size < 1e18:
        raise SettingsError(f"{name} must be a size such as 5G, 500M or 0 for no limit, not {text!r}")
    return int(size)


def _did_you_mean(name: str, known: "set[str]") -> str:
    import difflib

    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    return f"; did you mean {close[0]}?" if close else "; unset it (README lists them all)"


def _number(values: "dict[str, str]", name: str, *, whole: bool = False) -> float:
    text = values[name]
    try:
        number = float(int(text)) if whole else float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise SettingsError(f"{name} must be a {'whole ' if whole else ''}number of 0 or more, not {text!r}")
    return number


def _one_of(values: "dict[str, str]", name: str, allowed: "tuple[str, ...]") -> str:
    if values[name] not in allowed:
        raise SettingsError(f"{name} must be one of {', '.join(allowed)}, not {values[name]!r}")
    return values[name]


def _address(values: "dict[str, str]", name: str) -> str:
    """The address of a shared cache, which this only checks: no call that is not a miss needs more."""
    if values[name]:
        from cache.address import Address, AddressError

        try:
            Address(values[name])
        except AddressError as error:
            # Not the address itself: it may have a password in it.
            raise SettingsError(f"{name} {error}") from None
    return values[name]


def _names(values: "dict[str, str]", name: str, allowed: "tuple[str, ...]") -> "tuple[str, ...]":
    names = tuple(word.strip() for word in values[name].split(",") if word.strip())
    for word in names:
        if word not in allowed:
            raise SettingsError(f"{name} has {word!r}; it takes {', '.join(allowed)}")
    return names


def _flag(values: "dict[str, str]", name: str) -> bool:
    if values[name] not in ("", "0", "1"):
        raise SettingsError(f"{name} must be 1 or 0, not {values[name]!r}")
    return values[name] == "1"
