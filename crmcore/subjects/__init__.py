"""People whose data are held: which records are about them, and how these are emptied or removed without a trace of them."""

from crmcore.subjects.about import records_of, same_person, subject_of, ways
from crmcore.subjects.blanking import blank
from crmcore.subjects.classified import category, personal_columns, unclassified_columns
from crmcore.subjects.reading import rows_of
from crmcore.subjects.remains import Remains, remains
from crmcore.subjects.removing import remove
from crmcore.subjects.scouring import scour
from crmcore.subjects.subject import Erasure, Exported, Fate, Subject
from crmcore.subjects.traces import forget_traces

__all__ = [
    "Erasure",
    "Exported",
    "Fate",
    "Remains",
    "Subject",
    "blank",
    "category",
    "forget_traces",
    "personal_columns",
    "records_of",
    "remains",
    "remove",
    "rows_of",
    "same_person",
    "scour",
    "subject_of",
    "unclassified_columns",
    "ways",
]
