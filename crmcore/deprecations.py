"""Everything that is deprecated, each a constant here: what, what to use instead, and when it goes.

A deprecation is told of for at least two minor versions, is an error by default in the version its warning is named after,
and is gone in the next. `docs/deprecations.md` has a section for each constant.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

from packaging.version import Version

from crmcore._version import __version__

__all__ = [
    "FIELDS",
    "NAMES",
    "SETTINGS",
    "CrmDeprecationWarning",
    "CrmRemovedIn03Warning",
    "Deprecation",
    "Moved",
    "all_deprecations",
    "moved_name",
    "moved_settings",
    "overdue",
]


class CrmDeprecationWarning(DeprecationWarning):
    """Something of crmcore goes; the class says when.

    Attributes:

        error_in: version in which it is an error, unless a filter of `warnings` names this class.
        gone_in: version in which it is no more.
    """

    error_in: ClassVar[str]
    gone_in: ClassVar[str]


class CrmRemovedIn03Warning(CrmDeprecationWarning):
    """It goes with 0.3: an error there, gone in 0.4."""

    error_in = "0.3"
    gone_in = "0.4"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """One thing that goes.

    Attributes:

        anchor: its section in `docs/deprecations.md`, lower case with dashes.
        what: what is deprecated, as a sentence begins (`Crm.run(actor)`).
        instead: what to do, a sentence.
        since: version of crmcore that says so first.
        goes: the warning, whose class says when it goes.
    """

    anchor: str
    what: str
    instead: str
    since: str
    goes: type[CrmDeprecationWarning]

    def __str__(self) -> str:
        return (
            f"{self.what} is deprecated since {self.since} and goes with {self.goes.error_in}. {self.instead} "
            f"See docs/deprecations.md#{self.anchor}."
        )

    @property
    def reason(self) -> str:
        """What GraphQL's `@deprecated` says."""
        return f"{self.instead} It goes with {self.goes.error_in}."

    @property
    def warning(self) -> CrmDeprecationWarning:
        """The warning, for `hookspec(warn_on_impl=…)` and `hookspec(warn_on_impl_args={"name": …})`."""
        return self.goes(str(self))

    def is_error(self) -> bool:
        """Whether it is an error by now: the version has come, and no filter of `warnings` names the class."""
        return _is_error(self.goes)

    def warn(self, stacklevel: int = 2) -> None:
        """Tell whoever calls, `stacklevel` calls up.

        Raises:

            CrmDeprecationWarning: the version has come in which it is an error.
        """
        if self.is_error():
            raise self.warning
        warnings.warn(self.warning, stacklevel=stacklevel + 1)


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that has another name now.

    Attributes:

        deprecation: of the old name.
        to: the new one: `module:attribute` of a Python name, `section.field` of a setting.
    """

    deprecation: Deprecation
    to: str


#: Names of `crmcore` that were others: the old name, and what it is now.
NAMES: Mapping[str, Moved] = {}
#: Settings that had other names, by the old one (`http.limit`).
SETTINGS: Mapping[str, Moved] = {}
#: Fields, input fields and enum values of the schema that go, by `Type.name`.
FIELDS: Mapping[str, Deprecation] = {}


def all_deprecations() -> Iterator[Deprecation]:
    """Yield every constant of this module, in order."""
    yield from (made for made in vars(sys.modules[__name__]).values() if isinstance(made, Deprecation))


def moved_name(moved: Moved) -> Any:
    """Return what a name of `crmcore` that moved stands for, and tell whoever asks."""
    # Up to the module that asks for the attribute: past this function and crmcore's __getattr__.
    moved.deprecation.warn(stacklevel=3)
    module, _, attribute = moved.to.partition(":")
    return getattr(import_module(module), attribute)


def moved_settings(
    document: dict[str, Any], variables: dict[str, str], tell: Callable[[str], None], problems: list[str]
) -> None:
    """Give settings the names they have now.

    Args:

        document: what the file says; changed in place.
        variables: the `CRM_*` variables; changed in place.
        tell: gets a sentence for each that is deprecated.
        problems: gets that sentence when the version has come in which it is an error.
    """
    for old, moved in SETTINGS.items():
        said = [(table, name, _table(document, moved.to)) for table, name in [_table(document, old)] if name in table]
        if (variable := _variable(old)) in variables:
            said.append((variables, variable, (variables, _variable(moved.to))))
        if said and moved.deprecation.is_error():
            problems.append(str(moved.deprecation))
        elif said:
            tell(str(moved.deprecation))
            for table, name, (target, new) in said:
                target.setdefault(new, table.pop(name))


def _table(document: dict[str, Any], setting: str) -> tuple[dict[str, Any], str]:
    *sections, name = setting.split(".")
    for section in sections:
        inner = document.setdefault(section, {})
        # What is no table there is told by whoever reads it.
        document = inner if isinstance(inner, dict) else {}
    return document, name


def _variable(setting: str) -> str:
    return f"CRM_{setting.replace('.', '_').upper()}"


def overdue(spec: Callable[..., Any], parameters: Iterable[str]) -> Iterator[str]:
    """Say what is an error by now about a function that implements a hook.

    Args:

        spec: the hook's specification.
        parameters: names of the arguments that the function takes.
    """
    options = getattr(spec, "crmcore_spec", {})
    by_argument = options.get("warn_on_impl_args") or {}
    for warning in (options.get("warn_on_impl"), *(by_argument.get(name) for name in parameters)):
        if isinstance(warning, CrmDeprecationWarning) and _is_error(type(warning)):
            yield str(warning)


def _is_error(goes: type[CrmDeprecationWarning]) -> bool:
    named = (category for _, _, category, *_ in warnings.filters if isinstance(category, type))
    let_go = any(issubclass(c, CrmDeprecationWarning) and issubclass(goes, c) for c in named)
    return Version(__version__) >= Version(goes.error_in) and not let_go
