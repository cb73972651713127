"""What the key services of clouds have in common: their libraries wait, so they run in threads, and their failures become ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Any

from crmcore.errors import SetupError
from crmcore_compliance.crypto.errors import Unreadable
from crmcore_compliance.kms.service import KeyGone, KeyServiceDown

__all__ = ["Caller", "library"]


def library(name: str, extra: str) -> Any:
    """Return a library that only this key service needs.

    Raises:

        SetupError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        msg = f"This key service needs the package {name}: install crmcore-compliance[{extra}]."
        raise SetupError("compliance-key-service", [msg]) from None


class Caller:
    """Calls a library in a thread.

    Args:

        uri: the key, for messages.
        named: gives the name of a failure as the service has it; empty for one that is no answer of it.
        gone: names of failures that mean that a key's version is destroyed.
        altered: names of failures that mean that a blob is not what was wrapped.
        refused: names of failures that an operator has to mend.
    """

    def __init__(
        self,
        uri: str,
        named: Callable[[Exception], str],
        *,
        gone: frozenset[str],
        altered: frozenset[str],
        refused: frozenset[str],
    ) -> None:
        self._uri, self._named = uri, named
        self._gone, self._altered, self._refused = gone, altered, refused

    async def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return what the library answers.

        Raises:

            KeyServiceDown: it does not answer, or not now.
            KeyGone: the version is destroyed.
            Unreadable: the blob is not what was wrapped.
            SetupError: the service refuses, which an operator has to mend.
        """
        try:
            return await asyncio.to_thread(function, *args, **kwargs)
        except SetupError:
            raise
        except Exception as error:
            raise self._ours(error) from error

    def _ours(self, error: Exception) -> Exception:
        name = self._named(error)
        if name in self._gone:
            return KeyGone(f"The version of {self._uri} that wrapped this is destroyed or disabled ({name}).")
        if name in self._altered:
            return Unreadable.because(f"{self._uri} does not accept what it is said to have wrapped ({name}).")
        if name in self._refused:
            msg = f"The key service {self._uri} refuses ({name}: {error}); give this process the rights, or correct the setting kms."
            return SetupError("compliance-key-service", [msg])
        return KeyServiceDown(f"The key service {self._uri} does not answer now; what needs no new key goes on.")
