"""Gold: it lasts. It bears repetition and company, tests reach all of it, and what changes is written down."""

from importlib import import_module

__all__ = ["MODULES"]

#: The modules with the rules, in the order of reports.
MODULES = (
    "twice",
    "returning",
    "company",
    "own_tests",
    "dating",
    "papers",
)
for module in MODULES:
    import_module(f"{__name__}.{module}")
