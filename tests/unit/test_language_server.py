"""The helper gives what a compile without one would take, also where the compile may not try what is drawn."""

import threading
from collections.abc import Callable, Iterator

import pytest

from llmcc.lm.server import Helper, Server, find_helper
from llmcc.lm.suggestions import MOST_ANSWERS, Account, Suggestions
from toolchain.passes import CLANG, PassList, Recipe

RECIPES = [Recipe(PassList((CLANG, *["globaldce"] * n))) for n in range(1, 60)]


def length(recipe: Recipe) -> int:
    return len(recipe.pass_list) - 1


class Drawn:
    """Stands for a language model, of which a helper wants nothing else: it gives each answer three times."""

    def propose(self, _assembly: str) -> Suggestions:
        account = Account()

        def draw() -> Iterator[Recipe]:
            for recipe in RECIPES:
                for _ in range(3):
                    account.answers += 1
                    yield recipe

        return Suggestions(draw(), account)


@pytest.fixture
def helped(tmp_path) -> Iterator[Helper]:
    path = bytes(tmp_path / "private" / "s")
    server = Server(path, Drawn(), idle=0.5)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    helper = find_helper(path, "")
    assert helper is not None
    yield helper
    # As the end of a compile does.
    helper._lines.close()
    helper._connection.close()
    thread.join(timeout=60)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    "may",
    [
        lambda _recipe: True,
        lambda recipe: length(recipe) % 3 == 0,
        lambda recipe: length(recipe) > MOST_ANSWERS,
        lambda recipe: length(recipe) < 6 or length(recipe) > MOST_ANSWERS,
        lambda _recipe: False,
    ],
    ids=["all", "each third", "late ones", "a gap", "none"],
)
def test_a_helper_takes_what_the_model_itself_takes(helped, may: Callable[[Recipe], bool]):
    alone = Drawn().propose("")
    for proposals in (alone, helped):
        proposals.restrict(may)
    for count in (4, 1, 1, 2, 1):
        taken = alone.take(count)
        assert helped.take(count) == taken
        assert all(map(may, taken))
    assert helped.words()[:-1] == alone.words()
