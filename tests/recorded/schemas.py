"""The schemas of releases: what the core's API was, compressed, one file a version."""

from __future__ import annotations

import gzip
from pathlib import Path

from packaging.version import Version

from crmcore import Crm, Settings, __version__
from tests.recorded.records import HERE

__all__ = ["last_release", "read", "record", "today"]


def today() -> str:
    """Return the schema of this checkout, without plugins."""
    return Crm(Settings(), installed=False).schema.sdl


def record() -> None:
    """Write today's schema as that of this version."""
    # Without the time, so that the same schema gives the same file.
    (HERE / f"schema-{__version__}.graphql.gz").write_bytes(gzip.compress(today().encode(), 9, mtime=0))


def last_release() -> Path:
    """Return the file of the youngest version there is."""
    return max(HERE.glob("schema-*.graphql.gz"), key=lambda f: Version(f.name[len("schema-") : -len(".graphql.gz")]))


def read(file: Path) -> str:
    """Return the schema in a file."""
    return gzip.decompress(file.read_bytes()).decode()
