"""Starting without the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quick_start"]


@contextmanager
def quick_start() -> Iterator[None]:
    """Load modules and build the CRM inside this: a third faster, and faster afterwards.

    What a start makes (classes, schema) lives as long as the process. The collector would look through the growing heap
    again and again and find nothing: of 1.9 s that a start took, these were 0.7. Afterwards it looks only at what is new.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
