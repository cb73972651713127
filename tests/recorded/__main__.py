"""Records what is so today: `python -m tests.recorded hooks.txt`, `public.txt`, `settings.txt` or `schema`.

The schema is recorded once for each release, by whoever makes the release.
"""

from __future__ import annotations

import sys

from tests.recorded.records import HERE, RECORDS
from tests.recorded.schemas import record

for name in sys.argv[1:] or RECORDS:
    if name == "schema":
        record()
    else:
        (HERE / name).write_text("".join(f"{line}\n" for line in RECORDS[name]()), "utf-8")
