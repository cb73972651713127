"""An environment of its own for what was written: what runs the tests is seen from it, and what is installed in it is not from here."""

from __future__ import annotations

import subprocess
import sysconfig
import venv
from importlib.util import find_spec
from pathlib import Path

__all__ = ["Environment", "run"]


class Environment:
    """A virtual environment over the packages of the running interpreter.

    Args:

        folder: where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.python = folder / "bin" / "python"

    @classmethod
    def new(cls, folder: Path) -> Environment:
        """Make one."""
        venv.create(folder, with_pip=True, symlinks=True)
        (site,) = (folder / "lib").glob("python*/site-packages")
        # Not by system_site_packages, which of an environment shows those of the Python it was made of.
        seen = sysconfig.get_path("purelib")
        (site / "seen.pth").write_text(f"import site; site.addsitedir({seen!r})\n", "utf-8")
        return cls(folder)

    def install(self, *trees: Path) -> None:
        """Install source trees, editable; nothing that they require, which is all there."""
        words = ["--quiet", "--no-deps", "--disable-pip-version-check"]
        if find_spec("hatchling") and find_spec("editables"):
            words += ["--no-build-isolation", "--no-index"]
        for tree in trees:
            words += ["--editable", str(tree)]
        self.run("-m", "pip", "install", *words, cwd=trees[0])

    def run(self, *words: str, cwd: Path) -> str:
        """Run Python with words; see `run`."""
        return run(str(self.python), *words, cwd=cwd)


def run(*words: str, cwd: Path) -> str:
    """Run a program, return what it wrote.

    Raises:

        AssertionError: it failed; the message is what it wrote.
    """
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False, timeout=500)
    assert 0 == done.returncode, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
