"""Passwords are checked without telling who exists and without stopping the loop."""

from __future__ import annotations

import asyncio

import argon2
import pytest

from crmcore.access import passwords


@pytest.mark.parametrize(
    ("password", "fine"),
    [
        ("twelve chars", True),
        ("eleven char", False),
        ("x" * 1025, False),
        ("ab" * 20, False),
        ("Ana María López", False),
        ("ana.maria@example.com", False),
        ("一二三四五六七八九十千万", True),
    ],
)
def test_length_counts_and_rules_about_characters_do_not(password: str, fine: bool) -> None:
    """Short, monotonous and known texts are refused; anything else of 12 characters is fine."""
    assert (passwords.fault(password, ("Ana María López", "ana.maria@example.com", None)) is None) is fine


async def test_a_password_matches_its_own_hash_only() -> None:
    """The right password matches, another does not."""
    kept = await passwords.hashed("a long sentence here")

    assert (await passwords.verify(kept, "a long sentence here"), await passwords.verify(kept, "another one")) == (
        True,
        False,
    )


async def test_keyboards_that_compose_differently_type_the_same_password(quick_passwords: None) -> None:
    """é as one character and as e with an accent are the same."""
    assert await passwords.verify(
        await passwords.hashed("caf\u00e9 au lait, s'il vous"), "cafe\u0301 au lait, s'il vous"
    )


@pytest.mark.parametrize("password", ["", "\ud800", "x" * 100_000, "\x00"])
async def test_impossible_passwords_are_just_wrong(quick_passwords: None, password: str) -> None:
    """Whatever is typed, the answer is no, not an error."""
    assert not await passwords.verify(await passwords.hashed("a long sentence here"), password)


def test_the_hash_of_nobody_costs_what_others_cost() -> None:
    """It has today's parameters, so checking against it takes as long."""
    assert not passwords.is_outdated(passwords.NOBODYS)


def test_hashes_with_other_parameters_are_outdated() -> None:
    """A hash made when parameters were lower is to be made anew."""
    assert passwords.is_outdated(argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x"))


def test_parameters_are_those_of_the_rfc() -> None:
    """RFC 9106, section 4, the second recommendation: three passes, four lanes, 64 MiB."""
    found = argon2.extract_parameters(passwords.NOBODYS)

    assert (found.time_cost, found.parallelism, found.memory_cost) == (3, 4, 65536)


async def test_checking_does_not_stop_the_loop() -> None:
    """While a password is checked, others are served."""
    checking = asyncio.create_task(passwords.verify(passwords.NOBODYS, "x"))
    turns = 0
    while not checking.done():
        await asyncio.sleep(0)
        turns += 1

    # It takes the time of a thousand turns; if it stopped the loop there would be two or three.
    assert turns > 10
