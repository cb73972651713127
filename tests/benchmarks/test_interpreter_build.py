"""Which Pythons are taken for optimised."""

from __future__ import annotations

import pytest

from tests.benchmarks.interpreter import described, optimised


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"CONFIG_ARGS": "'--enable-optimizations' '--with-lto'"}, True),
        ({"CONFIG_ARGS": "", "PY_CORE_CFLAGS": "-O3 -fprofile-use -fprofile-correction"}, True),
        (
            {"CONFIG_ARGS": "'--prefix=/opt/python' '--enable-shared'", "PY_CFLAGS": "-DNDEBUG -g -fwrapv -O3 -Wall"},
            False,
        ),
        ({"CONFIG_ARGS": None}, False),
    ],
)
def test_a_build_says_whether_it_was_optimised(said: dict[str, object], expected: bool) -> None:
    """By how it was configured, or by what it was compiled with; the flags that a build could use do not count."""
    assert expected is optimised({"PGO_PROF_USE_FLAG": "-fprofile-use", **said}, ["posix_prefix"])


def test_debians_is_known_though_it_does_not_say() -> None:
    """It takes profile and link-time optimisation out of its own description."""
    assert optimised({"CONFIG_ARGS": "'--enable-shared'"}, ["deb_system", "posix_prefix"])


def test_the_page_names_the_build() -> None:
    """With or without."""
    assert ("built with " if optimised() else "built without ") in described()
