"""Bronze: it fits. It starts, its names are its own, its tables are made, and a stranger can read what it adds."""

from importlib import import_module

__all__ = ["MODULES"]

#: The modules with the rules, in the order of reports.
MODULES = (
    "fitting",
    "names",
    "modules",
    "importing",
    "migrating",
    "upgrading",
    "describing",
    "declaring",
    "publishing",
    "readme",
    "testing",
    "claiming",
)
for module in MODULES:
    import_module(f"{__name__}.{module}")
