"""Files that pages load: read from the package, with headers that let a browser keep them."""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from litestar import Request, Response

from crmcore.http.refused import Refused

__all__ = ["STATIC", "asset"]

STATIC = Path(__file__).parent / "static"

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_VERSIONED = re.compile(r"-\d+\.\d+\.\d+\.").search


def asset(request: Request[Any, Any, Any], folder: str) -> Response[bytes]:
    """Answer with the file `{name}` of a folder below `static/`; where a version is in the name, it may be kept a year.

    Raises:

        Refused: there is no such file (404).
    """
    name = request.path_params["name"]
    if name not in _names(folder):
        raise Refused(404, "NOT_FOUND", f"There is no file {name[:80]!r} here.")
    kept = "private, max-age=31536000, immutable" if _VERSIONED(name) else "private, no-cache"
    tag = _tag(folder, name)
    headers = {"cache-control": kept, "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    path = STATIC / folder / name
    return Response(path.read_bytes(), headers=headers, media_type=_TYPES[path.suffix])


@cache
def _names(folder: str) -> frozenset[str]:
    return frozenset(path.name for path in (STATIC / folder).iterdir() if path.suffix in _TYPES)


@cache
def _tag(folder: str, name: str) -> str:
    return f'"{blake2b((STATIC / folder / name).read_bytes(), digest_size=9).hexdigest()}"'
