"""A circuit breaker before a key service: what does not answer is left alone for a while, instead of holding up everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from time import monotonic
from typing import Final, TypeVar

from crmcore_compliance.kms.service import KeyInfo, KeyServiceDown, Kms, Wrapped

__all__ = ["Guarded"]

T = TypeVar("T")

#: Failures in a row after which it is left alone, and for how many seconds.
FAILURES: Final = 3
REST: Final = 30.0


class Guarded:
    """See `crmcore_compliance.kms.Kms`.

    Args:

        service: what is called.
    """

    def __init__(self, service: Kms) -> None:
        self._service, self.uri = service, service.uri
        self._failures, self._until = 0, 0.0

    async def wrap(self, key: bytes, aad: bytes) -> Wrapped:
        return await self._called(lambda: self._service.wrap(key, aad))

    async def unwrap(self, wrapped: Wrapped, aad: bytes) -> bytes:
        return await self._called(lambda: self._service.unwrap(wrapped, aad))

    async def rewrap(self, wrapped: Wrapped, aad: bytes) -> Wrapped:
        return await self._called(lambda: self._service.rewrap(wrapped, aad))

    async def rotate(self) -> str:
        return await self._called(self._service.rotate)

    async def destroy(self, version: str) -> datetime | None:
        return await self._called(lambda: self._service.destroy(version))

    async def describe(self) -> KeyInfo:
        return await self._called(self._service.describe)

    async def _called(self, call: Callable[[], Awaitable[T]]) -> T:
        if self._failures >= FAILURES and monotonic() < self._until:
            msg = f"The key service {self.uri} did not answer {self._failures} times and is left alone for a moment."
            raise KeyServiceDown(msg)
        try:
            answer = await call()
        except KeyServiceDown:
            self._failures += 1
            self._until = monotonic() + REST
            raise
        self._failures = 0
        return answer
