"""`make codebases` on the smallest of them; the sources are Debian's."""

from dataclasses import replace

from tests.projects.codebases import Image, compare, larger, read_codebases
from toolchain.measure import Measurement


def test_a_code_base_for_cortex_m_is_smaller_and_says_the_same(fetched, clang, tmp_path):
    (tmp_path / "src").symlink_to(fetched("cjson"))
    made = compare(read_codebases()["cjson"], tmp_path, clang.path, "z")
    assert made["llmcc"].printed == made["clang"].printed
    assert "Latitude" in made["clang"].printed
    assert larger(made["clang"], made["llmcc"]) == []
    assert made["llmcc"].size < made["clang"].size
    assert made["llmcc"].linked.loaded < made["clang"].linked.loaded
    assert made["llmcc"].linked.ram <= made["clang"].linked.ram
    assert 0.5 < made["gcc"].size / made["clang"].size < 2


def test_what_grew_is_named():
    before = Image(
        {"a.c": Measurement(100, 10, 0, 0, 4), "b.c": Measurement(50, 0, 0, 0, 0)}, Measurement(0, 0, 0, 0, 0), ""
    )
    after = replace(before, objects={"a.c": Measurement(90, 10, 0, 0, 8), "b.c": Measurement(50, 0, 0, 0, 0)})
    assert larger(before, before) == []
    assert larger(before, after) == ["a.c"]
    assert larger(after, before) == ["a.c"]
