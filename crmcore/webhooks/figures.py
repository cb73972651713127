"""What is counted of deliveries since the start of this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from crmcore.metrics import Family, Histogram
from crmcore.webhooks.answer import Answer

__all__ = ["Figures"]


class Figures:
    """Attempts by outcome, and how long receivers took."""

    def __init__(self) -> None:
        self._attempts: Counter[str] = Counter()
        self._seconds = Histogram()

    def count(self, answer: Answer | None) -> None:
        """Count an attempt; None is one that was dropped, since the record may not be seen any more."""
        if answer is None:
            self._attempts["dropped"] += 1
            return
        self._attempts["delivered" if answer.error is None else "failed"] += 1
        self._seconds.add(answer.seconds)

    def families(self) -> Iterator[Family]:
        """Give what was counted."""
        yield Family(
            "crm_webhook_attempts_total",
            "counter",
            "Attempts to deliver a webhook by outcome: delivered, failed, dropped.",
            [("", {"outcome": outcome}, count) for outcome, count in sorted(self._attempts.items())],
        )
        yield Family(
            "crm_webhook_attempt_seconds",
            "histogram",
            "How long receivers of webhooks took to answer, or until they were given up.",
            list(self._seconds.samples({})),
        )
