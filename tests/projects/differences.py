"""What two builds of one project differ in, where nothing but the compiler's name may."""

import fnmatch
import re
from collections import Counter

from llmcc.projects import BuildRun, Comparison, compare
from tests.projects.build import PHASES, Built
from tests.projects.listing import Project

_UNSTEADY = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Names that CMake, Meson, clang and the shell draw by chance, and the time.
        (rb"cmTC_[0-9a-f]+", b"cmTC_X"),
        (rb"TryCompile-\w+", b"TryCompile-X"),
        (rb"(/tmp|meson-private)/tmp\w+", rb"\1/tmpX"),
        (rb"(/tmp/[\w.+-]+?)-[0-9a-f]{6}\b", rb"\1-X"),
        (rb"\b\d+(\.\d+)? ?(ms|s|sec|secs|seconds)\b", b"N s"),
        # Python cuts this short when the compiler's name is long.
        (rb"<Popen: [^\n]*>", b"<Popen>"),
        # CMake takes the -19 of clang-19's name for the suffix of every tool; llmcc's name has none.
        (rb"\b(llvm-[a-z0-9]+|clang-scan-deps)-\d+\b", rb"\1"),
        # CTest names a build after the compiler's file.
        (rb"(?m)^BuildName: .*$", b"BuildName"),
        (rb"\bconf[0-9]+(subs|stat|file|dir)?", b"confN"),
        (rb"(?m)^(?:Build started at|Start testing|End testing).*$", b""),
        (rb"\d\d\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\w.:+-]*", b"TIME"),
        (rb"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d [A-Z]+ \d{4}", b"TIME"),
    )
)
_RESULTS = (
    # automake and its relatives; byacc; ctest; Meson.
    re.compile(r"^(?P<word>PASS|FAIL|SKIP|XFAIL|XPASS|ERROR):\s+(?P<name>\S.*?)\s*$"),
    re.compile(r"^\.\.\.(?P<word>ok|diff|not found) (?P<name>\S+)$"),
    re.compile(
        r"^\s*\d+/\d+ Test\s+#\d+: (?P<name>\S.*?) \.*\s*(?P<word>Passed|Skipped|\*\*\*[A-Za-z ]+?)\s+[\d.]+ sec"
    ),
    re.compile(r"^\s*\d+/\d+ (?P<name>\S.*?)\s+(?P<word>OK|FAIL|SKIP|TIMEOUT|EXPECTEDFAIL|ERROR)\s+[\d.]+s"),
)
_GOOD = frozenset({"PASS", "XFAIL", "SKIP", "Passed", "Skipped", "***Skipped", "OK", "EXPECTEDFAIL", "ok"})


def results(output: bytes) -> dict[str, str]:
    """Each named test's result, where the suite prints such; a name that occurs again is numbered."""
    found: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for line in output.decode("utf-8", "replace").splitlines():
        for pattern in _RESULTS:
            match = pattern.match(line)
            if match:
                seen[match["name"]] += 1
                count = seen[match["name"]]
                found[match["name"] + (f" ({count})" if count > 1 else "")] = match["word"].strip()
                break
    return found


def good(result: str) -> bool:
    """Whether a test's result is no failure."""
    return result in _GOOD


def plain(text: bytes, compilers: dict[str, str]) -> bytes:
    """Text in which the compilers have neutral names, and what differs in every run is left out."""
    for variable in ("CXX", "CC"):
        text = text.replace(compilers[variable].encode(), b"$" + variable.encode())
    for pattern, replacement in _UNSTEADY:
        text = pattern.sub(replacement, text)
    return text


def differences(project: Project, clang: Built, ours: Built, names: tuple[dict[str, str], dict[str, str]]) -> list[str]:
    """Sentences, one per difference that llmcc would have to answer for; `names` are each side's CC and CXX.

    What already fails with clang stops the comparison there: nothing follows from it.
    """
    found = []
    for phase in PHASES:
        if not clang.passes(phase) and phase != "test":
            break
        mine, theirs = ours.phases.get(phase), clang.phases[phase]
        if mine is None or (mine.status != theirs.status and theirs.status == 0):
            status = "is not reached" if mine is None else f"ends with {mine.status} at {mine.failed!r}"
            found.append(f"{phase} {status}, where clang's ends with {theirs.status}")
            break
        found += _files(project, phase, clang, ours)
        if phase == "configure":
            found += _configured(project, clang, ours, names)
        if phase == "build":
            found += _messages("stderr", plain(theirs.stderr, names[0]), plain(mine.stderr, names[1]))
        if phase == "test":
            found += _tests(project, results(theirs.stdout), results(mine.stdout))
            if theirs.status != 0 and not results(theirs.stdout):
                # Nothing tells which tests still pass, so the whole output must.
                found += _messages("test output", plain(theirs.stdout, names[0]), plain(mine.stdout, names[1]))
    comparison = sizes(project, clang, ours)
    found += [f"object {path} is larger" for path in comparison.larger]
    return found


def rebuild_differences(
    project: Project, clang: Built, cold: Built, again: Built, names: tuple[dict[str, str], dict[str, str]]
) -> list[str]:
    """What a rebuild from a full cache does otherwise than the build that filled it, or than clang."""
    made = {path for path in again.objects if path in cold.objects}
    found = [f"object {path} is another" for path in sorted(made) if again.objects[path] != cold.objects[path]]
    for phase in again.phases:
        theirs, mine = clang.phases[phase], again.phases[phase]
        if mine.status != theirs.status:
            found.append(f"{phase} ends with {mine.status} at {mine.failed!r}")
        found += _files(project, phase, clang, again)
        if phase == "build":
            found += _messages("stderr", plain(theirs.stderr, names[0]), plain(mine.stderr, names[1]))
    return [f"rebuilt: {sentence}" for sentence in found]


def sizes(project: Project, clang: Built, ours: Built) -> Comparison:
    """The objects of both builds side by side."""
    before, after = (BuildRun(built.folder, 0.0, 0.0, built.objects) for built in (clang, ours))
    return compare(project.name, before, after)


def _unsteady(project: Project, name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, glob) for glob in project.unsteady)


def _files(project: Project, phase: str, clang: Built, ours: Built) -> list[str]:
    """Files that only one of both has, or that are a link or not only in one."""
    theirs, mine = ({_name(path): path for path in built.files[phase]} for built in (clang, ours))
    found = [
        f"after {phase}: {name} is there with {'clang' if name in theirs else 'llmcc'} only"
        for name in sorted(theirs.keys() ^ mine.keys())
        if not _unsteady(project, name)
    ]
    for name in sorted(theirs.keys() & mine.keys()):
        before, after = clang.files[phase][theirs[name]], ours.files[phase][mine[name]]
        if before != after and (before.startswith("link ") or after.startswith("link ")):
            found.append(f"after {phase}: {name} is {before} with clang and {after} with llmcc")
    return found


def _name(path: str) -> str:
    name = path.encode("utf-8", "surrogateescape")
    for pattern, replacement in _UNSTEADY:
        name = pattern.sub(replacement, name)
    return name.decode("utf-8", "surrogateescape")


def _configured(project: Project, clang: Built, ours: Built, names: tuple[dict[str, str], dict[str, str]]) -> list[str]:
    """Differences of the text files that configuring made: config.h, config.log, makefiles and the like."""
    found = []
    for path in sorted(clang.configured.keys() & ours.configured.keys()):
        before, after = clang.configured[path], ours.configured[path]
        if b"\0" in before + after or _unsteady(project, path):
            continue
        found += _messages(path, plain(before, names[0]), plain(after, names[1]))
    return found


def _messages(what: str, before: bytes, after: bytes) -> list[str]:
    """How many lines differ, and the first of them. Jobs run side by side, so their order may."""
    one, two = before.splitlines(), after.splitlines()
    less, more = Counter(one) - Counter(two), Counter(two) - Counter(one)
    if not less and not more:
        return []
    shown = [f"{sign} {line[:160]}" for sign, lines in (("-", less), ("+", more)) for line in _text(lines)[:2]]
    return [f"{what}: {less.total()} lines of clang's are {more.total()} others: {' | '.join(shown)}"]


def _text(lines: Counter[bytes]) -> list[str]:
    return sorted(line.decode("utf-8", "replace") for line in lines.elements())


def _tests(project: Project, theirs: dict[str, str], mine: dict[str, str]) -> list[str]:
    found = []
    for name, before in theirs.items():
        after = mine.get(name, "missing")
        if good(before) and after != before and not _unsteady(project, name):
            found.append(f"test {name}: {before} with clang, {after} with llmcc")
    return found
