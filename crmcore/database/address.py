"""Where a database is: a URL read once, refused with the way out when it names none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from crmcore.errors import SetupError

__all__ = ["Address"]

_FORMS = "write sqlite:///crm.db (a file here), sqlite:////srv/crm.db (an absolute path) or postgresql://user:password@host/name"

#: The option of ours that a PostgreSQL URL may have.
_POOLED = "pgbouncer"


@dataclass(frozen=True, slots=True)
class Address:
    """A database's place.

    Attributes:

        dialect: `"sqlite"` or `"postgresql"`.
        url: the URL with everything in it.
        shown: what messages say: the file's path, or the URL without its password.
        path: the file, SQLite only.
        pooled: whether PgBouncer in transaction mode stands between (`?pgbouncer=true`).
        server: the URL for the driver, without options of ours; PostgreSQL only.
    """

    dialect: str
    url: str
    shown: str
    path: Path | None = None
    pooled: bool = False
    server: str = ""

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read a URL.

        Raises:

            SetupError: it is none, or one of a database that crmcore cannot use.
        """
        scheme = url.partition(":")[0].lower()
        if scheme == "sqlite":
            return _file(url)
        if scheme in ("postgresql", "postgres"):
            return _server(url)
        msg = f"{_without_password(url)!r} is not the URL of a database crmcore can use; {_FORMS}."
        raise _refused(msg)


def _file(url: str) -> Address:
    rest = url.partition(":")[2]
    if rest in ("", "//", "///") or ":memory:" in rest:
        raise _refused(
            "A database in memory would be another, empty one for each connection and be gone at the end; "
            "use a file, for example sqlite:////tmp/crm.db."
        )
    if not rest.startswith("///") or "?" in rest or "#" in rest:
        msg = f"{url!r} does not name a file; {_FORMS}. Options after ? are not known."
        raise _refused(msg)
    path = Path(unquote(rest[3:]))
    return Address("sqlite", url, str(path), path)


def _server(url: str) -> Address:
    shown = _without_password(url)
    try:
        parts = urlsplit(url)
        named = bool(parts.port != 0 and parts.path.strip("/"))
    except ValueError as error:
        msg = f"{shown!r} is not a URL ({error}); {_FORMS}."
        raise _refused(msg) from None
    if not named:
        msg = f"{shown!r} names no database; put its name at the end: postgresql://user@host/crm."
        raise _refused(msg)
    options = parse_qsl(parts.query, keep_blank_values=True)
    pooled = [value for name, value in options if name == _POOLED]
    if any(value not in ("true", "false") for value in pooled):
        msg = f"{shown!r} says {_POOLED}={pooled[-1]}; write ?{_POOLED}=true if PgBouncer in transaction mode stands between."
        raise _refused(msg)
    ours_apart = urlencode([(name, value) for name, value in options if name != _POOLED])
    server = urlunsplit(parts._replace(query=ours_apart)) if pooled else url
    return Address("postgresql", url, shown, pooled="true" in pooled, server=server)


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
        return (
            urlunsplit(parts._replace(netloc=f"{parts.username or ''}@{_host(parts.netloc)}"))
            if "@" in parts.netloc
            else url
        )
    except ValueError:
        return url.partition(":")[0] + "://…"


def _host(netloc: str) -> str:
    return netloc.rpartition("@")[2]


def _refused(problem: str) -> SetupError:
    return SetupError("database-url", [problem])
