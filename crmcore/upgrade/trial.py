"""A temporary environment that is like this one, but for some distributions."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from crmcore.upgrade.pip import Candidate, Refused

__all__ = ["foreseen_by", "trial"]


@contextmanager
def trial(install: Sequence[Candidate]) -> Iterator[Path]:
    """Give the interpreter of such an environment while a block runs; without anything to install, this one.

    Raises:

        Refused: pip could not install it there.
    """
    if not install:
        yield Path(sys.executable)
        return
    with TemporaryDirectory(prefix="crm-upgrade-") as name:
        folder = Path(name)
        venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
        python = folder / "bin" / "python"
        _show_what_is_here(folder)
        line = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-input"]
        line += ["--disable-pip-version-check", "--prefer-binary", *(one.pin for one in install)]
        done = subprocess.run(line, capture_output=True, text=True, check=False, env=_environment({}))  # noqa: S603
        if done.returncode:
            msg = f"pip could not install the new versions into {folder}: {done.stderr.strip()}"
            raise Refused(msg)
        yield python


def foreseen_by(python: Path, variables: Mapping[str, str]) -> bytes:
    """Return what `crmcore.upgrade.foresee` prints there.

    Raises:

        Refused: it does not run there.
    """
    line = [str(python), "-P", "-m", "crmcore.upgrade.foresee"]
    environment = dict(os.environ) if python == Path(sys.executable) else _environment({})
    done = subprocess.run(line, capture_output=True, check=False, env={**environment, **variables})  # noqa: S603
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        msg = f"These versions do not get as far as the database: {' '.join(last) or 'they said nothing.'}"
        raise Refused(msg)
    return done.stdout


def _show_what_is_here(folder: Path) -> None:
    """Let the environment see behind its own what this interpreter sees."""
    own = next(folder.glob("lib/python*/site-packages"))
    here = {*site.getsitepackages(), site.getusersitepackages()}
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    lines = []
    for path in dict.fromkeys(sys.path):
        if path and Path(path).is_dir() and path not in standard and not path.endswith("lib-dynload"):
            # Folders of installed distributions have files of the kind that is written here, editable ones for example.
            lines.append(f"import site; site.addsitedir({path!r})" if path in here else path)
    (own / "crm_upgrade_behind.pth").write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    # What PYTHONPATH names would come before the new versions; the environment has it behind them.
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | dict(more)
