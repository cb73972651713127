"""Which document a request means: the text it brings, or one that is known by its id or hash."""

from __future__ import annotations

from hashlib import sha256

from crmcore.cache import Cache
from crmcore.http.operation import Operation
from crmcore.http.persisted import PREFIX, load_persisted
from crmcore.http.refused import Refused
from crmcore.settings import GraphQL

__all__ = ["Texts"]

#: As in the documents' own cache, so that memory is bounded by the number of texts.
_LONGEST_REMEMBERED = 20_000


class Texts:
    """The texts that requests need not bring.

    Persisted documents are the operator's and stay; automatic persisted queries are the clients' and are forgotten when
    there are too many (the client sends the text again then). Both are of no consequence for what anybody may see.

    Attributes:

        closed: whether only persisted documents are answered.

    Args:

        settings: which there are, and whether others are answered.

    Raises:

        SetupError: the persisted documents cannot be read.
    """

    def __init__(self, settings: GraphQL) -> None:
        self._persisted = load_persisted(settings.persisted_documents)
        self._agreed = frozenset(self._persisted.values()) if settings.only_persisted else None
        self.closed = self._agreed is not None
        size = 0 if settings.only_persisted else settings.remembered_documents
        self._remembered: Cache[str, str] | None = Cache(size) if size else None

    def of(self, asked: Operation) -> str:
        """Return the text of what is asked for.

        Raises:

            Refused: it is not known, or came with another text's hash (400), or is not one of those answered (403).
        """
        if asked.query is None:
            return self._known(asked)
        if self._agreed is not None and asked.query not in self._agreed:
            message = "This CRM answers persisted documents only; add this one to the manifest that graphql.persisted_documents names."
            raise Refused(403, "PERSISTED_DOCUMENTS_ONLY", message)
        if asked.extensions is not None and self._is_new(asked) and not _fits(asked.query, asked.hash):
            message = "extensions.persistedQuery.sha256Hash is not the SHA-256 of the query; send that, as 64 hexadecimal digits."
            raise Refused(400, "PERSISTED_QUERY_HASH", message)
        return asked.query

    def remember(self, asked: Operation) -> None:
        """Keep a text that came with its hash, for requests that bring the hash alone; call it once the text is found valid."""
        text, hashed, known = asked.query, asked.hash, self._remembered
        if text is None or hashed is None or known is None or len(text) > _LONGEST_REMEMBERED:
            return
        if self._is_new(asked):
            known.put(hashed, text)

    def _is_new(self, asked: Operation) -> bool:
        return (
            self._remembered is not None and asked.hash is not None and self._remembered.get(asked.hash) != asked.query
        )

    def _known(self, asked: Operation) -> str:
        id = (asked.id or "").removeprefix(PREFIX)
        text = self._persisted.get(id)
        if text is None and self._remembered is not None:
            text = self._remembered.get(id)
        if text is not None:
            return text
        # Clients of automatic persisted queries go by these two messages (Apollo's protocol).
        if asked.hash is not None and self._remembered is None:
            raise Refused(400, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
        if asked.hash is not None:
            raise Refused(400, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        message = f"No persisted document has the id {id[:80]!r}; add it to the manifest that graphql.persisted_documents names."
        raise Refused(400, "PERSISTED_QUERY_NOT_FOUND", message)


def _fits(text: str, hashed: str | None) -> bool:
    return sha256(text.encode()).hexdigest() == hashed
