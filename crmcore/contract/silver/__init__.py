"""Silver: it is safe. It keeps secrets, asks for permission, holds nobody up, and leaves when it is told to."""

from importlib import import_module

__all__ = ["MODULES"]

#: The modules with the rules, in the order of reports.
MODULES = (
    "leaking",
    "permitting",
    "paging",
    "handling",
    "leaving",
    "personal",
    "lasting_names",
    "own_tests",
    "papers",
)
for module in MODULES:
    import_module(f"{__name__}.{module}")
