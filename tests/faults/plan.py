"""What a run of the fault test shall be."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """One run.

    Attributes:

        dialect: `sqlite` or `postgresql`.
        faults: how many are inflicted.
        seed: of everything that is left to chance.
        pace: seconds between two faults, on average, beside those in which the system comes to work again.
        clients: how many have intents at once.
        think: seconds between two intents of a client, on average.
        servers: processes that answer HTTP.
        workers: processes that do jobs.
        disk: whether the database lies on a small disk that can be filled, where this machine allows that.
        only: kinds of faults to choose from; empty is all.
        patience: seconds that everything has to come to rest after the last fault.
        keep: whether the folder with logs and database stays when something was wrong.
        defect: the defect to plant, None in an honest run.
    """

    dialect: str
    faults: int
    seed: int = 1
    pace: float = 0.3
    clients: int = 6
    think: float = 0.02
    servers: int = 2
    workers: int = 2
    disk: bool = False
    only: tuple[str, ...] = ()
    patience: float = 90.0
    keep: bool = False
    defect: str | None = None
