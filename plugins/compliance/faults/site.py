"""Where it happens: databases, keystore and keyring of one round, and processes that are forked, and killed."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
import time
import traceback
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from crmcore import Crm, Settings

__all__ = ["SEALED", "Doing", "Failed", "Site"]

SEALED = ("customer.familyName", "customer.displayName", "contact_point.value", "interaction.subject")
_KEY = "FAULTS_KEYRING_KEY"

#: What a process does with a CRM that runs.
Doing = Callable[[Crm], Awaitable[Any]]


class Failed(Exception):
    """A process failed by itself."""


@dataclass(frozen=True, slots=True)
class Site:
    """The places of one round.

    Attributes:

        folder: where the keyring and, on SQLite, the databases are.
        url: of the database of the data.
        keystore: of that of the keys.
    """

    folder: Path
    url: str
    keystore: str

    @property
    def settings(self) -> Settings:
        """The settings of every process of the round."""
        os.environ[_KEY] = b64encode(bytes(range(32))).decode()
        own = {
            "tenant": "faults",
            "kms": f"file://{self.folder}/keyring.json?key=env://{_KEY}",
            "keystore": self.keystore,
            "sealed": list(SEALED),
            "sealing_rate": 0,
        }
        given = {"database": self.url, "plugins": {"compliance": own}}
        return msgspec.convert(given, Settings)

    def do(self, model: Crm, doing: Doing, *, migrate: bool = False) -> Any:
        """Have a process do something to its end; return what it gave.

        Raises:

            Failed: it failed.
        """
        pid, answers = self._fork(model, doing, migrate=migrate)
        with os.fdopen(answers, "rb") as pipe:
            text = pipe.read()
        _, status = os.waitpid(pid, 0)
        if status != 0 or not text:
            msg = f"{getattr(doing, '__name__', doing)} ended with {status}"
            raise Failed(msg)
        return pickle.loads(text)  # noqa: S301 - from our own process

    def kill(self, model: Crm, doing: Doing, after: float) -> bool:
        """Have a process do something and kill it after some seconds; say whether it was quicker.

        Raises:

            Failed: it failed by itself.
        """
        pid, answers = self._fork(model, doing)
        os.close(answers)
        until = time.monotonic() + after
        while time.monotonic() < until:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                if status != 0:
                    msg = f"{getattr(doing, '__name__', doing)} ended with {status}"
                    raise Failed(msg)
                return True
            time.sleep(0.002)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return False

    def _fork(self, model: Crm, doing: Doing, *, migrate: bool = False) -> tuple[int, int]:
        answers, given = os.pipe()
        pid = os.fork()
        if pid:
            os.close(given)
            return pid, answers
        os.close(answers)
        status = 1
        try:
            result = pickle.dumps(asyncio.run(_with(model, self.settings, doing, migrate)))
            try:
                os.write(given, result)
                os.close(given)
            except BrokenPipeError:
                pass  # Nobody wants to know.
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)


async def _with(model: Crm, settings: Settings, doing: Doing, migrate: bool) -> Any:
    crm = model.like(settings)
    await crm.start(migrate="new" if migrate else "never")
    try:
        return await doing(crm)
    finally:
        await crm.stop()
