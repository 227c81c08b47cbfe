"""Random programs of functions that are nearly alike: what outlining and merging look for, and csmith seldom makes.

A program has some families of functions. Those of one family come from the same statements, but take their
parameters in another order, turn comparisons and sums round, and now and then have another constant, callee or
variable. Nothing in them is undefined, and floating point stays exact, so that every machine gives the same answer.
"""

from dataclasses import dataclass
from random import Random

_WHOLE = ("int", "unsigned", "long", "short", "unsigned char", "long long")
_REAL = ("double", "float")
_SUMS = ("+", "*", "^", "&", "|", "-")
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}
_PLACES = ("g1", "g2", "s1.x", "s2.x", "s1.y", "s2.y")

_FORMS = (
    (30, "long long {name} = {};", "o"),
    (25, "long long {name} = {};", "c"),
    (10, "long long {name} = {} ? {} : {};", "csw"),
    (5, "double {name} = {} ? {} : {};", "crr"),
    (8, "if ({}) {callee}({}, {}); else mix(1, g2);", "csw"),
    (2, "if ({}) return {};", "cs"),
    (10, "{callee}({}, {});", "sw"),
    (2, "for (int i = 0; i != 3; i++) table[((unsigned){} + i) & 15] ^= {};", "sw"),
    (5, "r2 = {};", "d"),
    (4, "{place} = {};", "s"),
    (2, "table[{} & 15] = {};", "sw"),
    (2, "bytes[{} & 15] = {};", "sw"),
)
"""Weights, forms of statements, and what goes into their places: the value of a variable (w), an operation on whole
numbers (o) or any of these (s), the value of a real variable (r) or a sum of such (d), or a comparison (c)."""

_HEAD = """\
#include <stdio.h>
static unsigned long long sum = 1;
int g1, g2; double r1, r2; int table[16]; unsigned char bytes[16];
struct pair { int x; unsigned y; } s1 = {1, 2}, s2 = {9, 8};
__attribute__((noinline)) void add(long long a, long long b) { sum = sum * 1000003u + (unsigned long long)a * 31 + b; }
__attribute__((noinline)) void mix(long long a, long long b) { sum = (sum ^ (sum >> 29)) * 999983u + a - (b ^ 5); }
__attribute__((noinline)) void look(void) {
    add(g1, g2); add(s1.x, s1.y); add(s2.x, s2.y); add(r1 < r2, r2 != 0);
    for (int i = 0; i < 16; i++) add(table[i], bytes[i]);
}
"""


@dataclass(frozen=True, slots=True)
class _Term:
    """A variable or constant, or an operator with two operands."""

    text: str
    operands: "tuple[_Term, ...]" = ()
    is_real: bool = False


class _Family:
    """The statements that a family's functions come from, and their parameters: (type, name) each."""

    def __init__(self, random: Random) -> None:
        self._random = random
        types = [random.choice(_WHOLE + _REAL) for _ in range(random.randint(2, 4))]
        if random.random() < 0.7:
            # Only parameters of one type can be taken for each other.
            types = [types[0]] * len(types)
        self.parameters = [(kind, "abcd"[at]) for at, kind in enumerate(types)]
        self._wholes = [name for kind, name in self.parameters if kind in _WHOLE] or ["g2"]
        self._reals = [name for kind, name in self.parameters if kind in _REAL] or ["r1"]
        self._statements = [self._statement(f"t{at}") for at in range(random.randint(5, 14))]
        self._result = self._wholes[-1]

    def _statement(self, name: str) -> tuple[str, list[_Term]]:
        [(_, form, places)] = self._random.choices(_FORMS, [weight for weight, *_ in _FORMS])
        made = form.replace("{name}", name), [self._term(place) for place in places]
        if "{name}" in form:
            (self._reals if form.startswith("double") else self._wholes).append(name)
        return made

    def _term(self, place: str, depth: int = 0) -> _Term:
        random = self._random
        if place == "w":
            return _Term(random.choice(self._wholes))
        if place == "r":
            return _Term(random.choice(self._reals), is_real=True)
        if place == "c":
            inner = "d" if random.random() < 0.25 else "s"
            return _Term(random.choice(list(_TURNED)), (self._term(inner, 2), self._term(inner, 2)))
        if place == "o":
            return _Term(random.choice(_SUMS), (self._term("s", depth + 1), self._term("s", depth + 1)))
        chance = random.random()
        if place == "d":
            if chance < 0.6:
                return self._term("r")
            if chance < 0.75:
                return _Term(f"{random.randint(-9, 300)}.5", is_real=True)
            # Sums of two halves are exact, in excess precision too.
            return _Term(random.choice("+-"), (self._term("r"), self._term("r")), is_real=True)
        if chance < 0.6 or depth > 1:
            return self._term("w")
        if chance < 0.75:
            return _Term(str(random.randint(-9, 300)))
        return self._term("c" if chance < 0.85 else "o", depth)

    def member(self, name: str) -> str:
        """One function of the family, in C."""
        random = self._random
        parameters = list(self.parameters)
        if random.random() < 0.7:
            random.shuffle(parameters)
        renamed: dict[str, str] = {}
        (one, first), (other, second) = random.choice(parameters), random.choice(parameters)
        if one == other and random.random() < 0.5:
            renamed = {first: second, second: first}
        lines = []
        for form, terms in self._statements:
            callee = "add" if random.random() < 0.8 else "mix"
            place = _PLACES[0] if random.random() < 0.6 else random.choice(_PLACES)
            lines.append(form.format(*(_written(term, random, renamed) for term in terms), callee=callee, place=place))
        lines.append(f"return {renamed.get(self._result, self._result)};")
        declared = ", ".join(f"{kind} {parameter}" for kind, parameter in parameters)
        return f"__attribute__((noinline)) long long {name}({declared}) {{\n    " + "\n    ".join(lines) + "\n}\n"

    def call(self, name: str) -> str:
        """A call of one of its functions, in whatever order its parameters are: all types hold these numbers."""
        arguments = ", ".join(str(self._random.randint(0, 9)) for _ in self.parameters)
        return f"    add({name}({arguments}), 0); look();\n"


def _written(term: _Term, random: Random, renamed: dict[str, str]) -> str:
    if not term.operands:
        if term.text.lstrip("-").isdigit() and random.random() < 0.3:
            return str(int(term.text) + random.randint(0, 3))
        return renamed.get(term.text, term.text)
    operator = term.text
    left, right = (_written(operand, random, renamed) for operand in term.operands)
    if operator in _TURNED:
        if random.random() < 0.5:
            left, right, operator = right, left, _TURNED[operator]
        if random.random() < 0.15:
            operator = _OPPOSITE[operator]
        return f"({left} {operator} {right})"
    if operator != "-" and random.random() < 0.4:
        left, right = right, left
    if term.is_real:
        return f"({left} {operator} {right})"
    # What is too large for a signed type is not for an unsigned one.
    return f"(long long)((unsigned long long){left} {operator} (unsigned long long){right})"


def program(seed: int) -> str:
    """The program of a seed, in C: it prints a checksum of what its functions return and leave behind."""
    random = Random(seed)
    functions, calls = [], []
    for at in range(random.randint(1, 3)):
        family = _Family(random)
        for member in range(random.randint(3, 6)):
            name = f"f{at}_{member}"
            functions.append(family.member(name))
            calls += [family.call(name) for _ in range(3)]
    # Every C library prints a long.
    printed = '    printf("%lx %lx\\n", (long)(sum >> 32), (long)sum);\n'
    return f"{_HEAD}{''.join(functions)}int main(void) {{\n{''.join(calls)}{printed}}}\n"
