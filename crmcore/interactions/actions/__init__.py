"""The rules of interactions, and the actions beyond the verbs that every entity has."""

from crmcore.interactions.actions.completing import complete_interaction
from crmcore.interactions.actions.logging import ParticipantInput, log_interaction

__all__ = ["ParticipantInput", "complete_interaction", "log_interaction"]
