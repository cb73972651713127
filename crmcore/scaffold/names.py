"""What a plugin and its entities are called in every place where they have a name."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from crmcore.entities.entity import camel
from crmcore.plugins.names import RESERVED, is_name
from crmcore.scaffold.refusing import refused

__all__ = ["SQL_WORDS", "EntityNames", "PluginNames", "entity_names", "plural_of", "snake_name"]

#: A name with which every line of the templates still fits its line.
_LONGEST = 20
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

#: What no table or column can be called without quotes, on either database.
SQL_WORDS = frozenset(
    (
        "all analyse analyze and any array as asc asymmetric authorization between binary both by case cast check collate "
        "column commit constraint create cross current_date current_role current_time current_user default deferrable "
        "delete desc distinct do drop else end escape except exists fetch for foreign from full grant group having if in "
        "index initially inner insert intersect into is isnull join lateral leading left like limit localtime natural not "
        "notnull null offset on only or order outer overlaps placing primary references returning right select session_user "
        "set similar some symmetric table tablesample then to trailing transaction true false union unique update user "
        "using values variadic verbose when where window with"
    ).split()
)


@dataclass(frozen=True)
class PluginNames:
    """A plugin's names.

    Attributes:

        name: of the entry point, the settings, the routes: `visits`.
    """

    name: str

    def __post_init__(self) -> None:
        problem = None
        if not is_name(self.name) or len(self.name) > _LONGEST:
            problem = f"use one lower-case word of at most {_LONGEST} letters and digits, for example 'visits'"
        elif self.name in RESERVED:
            problem = "crmcore keeps it for itself; choose another"
        elif keyword.iskeyword(self.name):
            problem = "it is a word of Python; choose another"
        if problem:
            msg = f"A plugin cannot be called {self.name!r}: {problem}."
            raise refused(msg)

    @property
    def distribution(self) -> str:
        """What pip calls it."""
        return f"crmcore-{self.name}"

    @property
    def package(self) -> str:
        """What Python imports."""
        return f"crmcore_{self.name}"

    @property
    def title(self) -> str:
        """How its classes begin."""
        return self.name.capitalize()


@dataclass(frozen=True)
class EntityNames:
    """An entity's names.

    Attributes:

        name: in permissions and ids: `visit_fare`.
        plural: of its lists, as GraphQL has it: `visitFares`.
        table: in the database.
    """

    name: str
    plural: str
    table: str

    @property
    def type_name(self) -> str:
        """The class and the GraphQL type."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def singular(self) -> str:
        """The root field of one record."""
        return camel(self.name)

    @property
    def words(self) -> str:
        """In a sentence."""
        return self.name.replace("_", " ")

    @property
    def a_words(self) -> str:
        """In a sentence, with its article."""
        return f"{'an' if self.name[0] in 'aeio' else 'a'} {self.words}"

    @property
    def many_words(self) -> str:
        """Several of them, in a sentence."""
        return re.sub(r"(?<!^)(?=[A-Z])", " ", self.plural).lower()

    @property
    def many_name(self) -> str:
        """Several of them, in a name of Python."""
        return self.many_words.replace(" ", "_")


def entity_names(plugin: PluginNames, given: str | None, plural: str | None = None) -> EntityNames:
    """Return the names of an entity of a plugin.

    Args:

        plugin: whose it is.
        given: `visit_fare` or `VisitFare`; None is what the plugin's own name suggests.
        plural: of its lists, where English rules do not give it (`visitStaff`).

    Raises:

        SetupError: the name cannot be, or does not begin with the plugin's.
    """
    name = snake_name(given) if given else _suggested(plugin)
    if not _belongs(plugin, name):
        msg = f"The entity {name!r} does not begin with the plugin's name; call it {_stem(plugin)}_{name}, so that plugins cannot collide."
        raise refused(msg)
    many = camel(snake_name(plural)) if plural else plural_of(camel(name))
    if not (many == plugin.name or many.lower().startswith((plugin.name, _stem(plugin)))):
        msg = f"The plural {many!r} does not begin with the plugin's name; give one that does by --plural."
        raise refused(msg)
    if many == camel(name):
        msg = f"The plural of {name!r} is {many!r} too; give another one by --plural."
        raise refused(msg)
    return EntityNames(name, many, f"{plugin.name}_{name}" if name in SQL_WORDS else name)


def snake_name(name: str) -> str:
    """Return a name in snake case.

    Raises:

        SetupError: it is none.
    """
    found = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    if not _SNAKE.fullmatch(found) or keyword.iskeyword(found):
        msg = f"{name!r} is no name; write lower-case letters, digits and _, as in began_at."
        raise refused(msg)
    return found


def plural_of(name: str) -> str:
    """Return an English plural: `visitFares`, `companies`, `boxes`."""
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "z", "ch", "sh")) else f"{name}s"


def _stem(plugin: PluginNames) -> str:
    """Return the singular, where dropping an s gives it: of `companies` it is nothing that anybody would call a company."""
    singular = plugin.name.removesuffix("s")
    plain = plural_of(singular) == plugin.name and not re.search(r"(i|x|z|s|ch|sh)es$", plugin.name)
    return singular if plain else plugin.name


def _suggested(plugin: PluginNames) -> str:
    stem = _stem(plugin)
    return f"{stem}_entry" if stem == plugin.name else stem


def _belongs(plugin: PluginNames, name: str) -> bool:
    return any(name == stem or name.startswith(f"{stem}_") for stem in (plugin.name, plugin.name.removesuffix("s")))
