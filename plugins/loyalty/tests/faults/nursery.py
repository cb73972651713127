"""Makes processes of `crm` as the core's fault test does, with loyalty imported beforehand."""

from __future__ import annotations

import sys
from importlib import import_module

from tests.faults import nursery


def main(path: str) -> None:
    """Import loyalty and what it needs, then take orders."""
    for name in ("crmcore_orders.plugin", "crmcore_loyalty.plugin"):
        import_module(name)
    nursery.main(path)


if __name__ == "__main__":
    main(sys.argv[1])
