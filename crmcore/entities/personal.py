"""What a column holds of a person: a category, and what follows from it unless the declaration says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

__all__ = ["CATEGORIES", "Default", "Personal", "PersonalData", "classified", "default_of"]

#: Stands for "what the category says".
_AS_CATEGORY: Final = -1


class Default(NamedTuple):
    """What a category says of its values.

    Attributes:

        sensitivity: 0 public, 1 internal, 2 personal, 3 sensitive.
        mask: how it is shown to those for whom it is masked; None is by its first character.
    """

    sensitivity: int = 2
    mask: str | None = None


#: By category of the Fides taxonomy; a category that is not here is as the nearest one above it.
#: 3 is what article 9 GDPR, article 28 PIPL and section 1798.140(ae) CCPA call special or sensitive.
CATEGORIES: Final[dict[str, Default]] = {
    "system": Default(1),
    "user": Default(2),
    "user.account": Default(2),
    "user.authorization": Default(3, "hidden"),
    "user.behavior": Default(2, "hidden"),
    "user.biometric": Default(3, "hidden"),
    "user.childrens": Default(3, "hidden"),
    "user.contact": Default(2, "text"),
    "user.contact.address": Default(2, "address"),
    "user.contact.address.country": Default(1, "text"),
    "user.contact.email": Default(2, "email"),
    "user.contact.fax_number": Default(2, "phone"),
    "user.contact.phone_number": Default(2, "phone"),
    "user.content": Default(2, "text"),
    "user.content.private": Default(3, "hidden"),
    "user.content.self_image": Default(3, "hidden"),
    "user.demographic": Default(2, "hidden"),
    "user.demographic.date_of_birth": Default(2, "year"),
    "user.demographic.language": Default(1, "text"),
    "user.demographic.political_opinion": Default(3, "hidden"),
    "user.demographic.race_ethnicity": Default(3, "hidden"),
    "user.demographic.religious_belief": Default(3, "hidden"),
    "user.demographic.sexual_orientation": Default(3, "hidden"),
    "user.device": Default(2, "hidden"),
    "user.financial": Default(3, "id-number"),
    "user.government_id": Default(3, "id-number"),
    "user.health_and_medical": Default(3, "hidden"),
    "user.location": Default(2, "hidden"),
    "user.location.imprecise": Default(1, "text"),
    "user.location.precise": Default(3, "hidden"),
    "user.name": Default(2, "name"),
    "user.payment": Default(3, "id-number"),
    "user.privacy_preferences": Default(1, "hidden"),
    "user.sensor": Default(3, "hidden"),
    "user.unique_id": Default(2, "id-number"),
    "user.unique_id.pseudonymous": Default(1, "id-number"),
}


def default_of(category: str) -> Default:
    """Return what a category says, or the nearest one above it that says something."""
    at = category
    while at not in CATEGORIES and "." in at:
        at = at.rpartition(".")[0]
    return CATEGORIES.get(at, Default())


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What a column holds of a person.

    Attributes:

        category: of the Fides taxonomy, for example `user.contact.email`.
        sensitivity: 0 public, 1 internal, 2 personal, 3 sensitive; as the category unless it is said.
        purposes: codes of what it may be used for; none is whatever the record may be used for.
        mask: how it is shown to those for whom it is masked (`email`, `phone`, `name`, `year`, `address`, `id-number`,
            `text`, `hidden`); as the category unless it is said, and None is by its first character.
        retention: name of the rule by which it is kept, if it has one of its own.
    """

    category: str
    sensitivity: int = _AS_CATEGORY
    purposes: tuple[str, ...] = ()
    mask: str | None = None
    retention: str | None = None

    def __post_init__(self) -> None:
        said = default_of(self.category)
        if self.sensitivity == _AS_CATEGORY:
            object.__setattr__(self, "sensitivity", said.sensitivity)
        if self.mask is None:
            object.__setattr__(self, "mask", said.mask)
        if not 0 <= self.sensitivity <= 3:
            msg = f"{self.category} is said to have the sensitivity {self.sensitivity}; give 0 (public), 1 (internal), 2 (personal) or 3 (sensitive)."
            raise ValueError(msg)


#: How a declaration says it: in full, by the category alone, False for "nothing of a person"; None says nothing.
Personal = str | PersonalData | Literal[False] | None


def classified(said: Personal) -> PersonalData | Literal[False] | None:
    """Return in full what a declaration says."""
    return PersonalData(said) if isinstance(said, str) else said
