"""What a new CRM has to begin with: a pipeline named Sales, and the usual reasons for losing a deal."""

from crmcore import clock
from crmcore.database import Database, ids
from crmcore.database.migrations import Migration, run

_BY = {"type": "SYSTEM", "id": None, "label": "crmcore"}
# key, name, kind, on hold, probability, forecast category, expected days
_STAGES = (
    ("prospecting", "Prospecting", "OPEN", False, 10, "PIPELINE", 30),
    ("qualification", "Qualification", "OPEN", False, 25, "PIPELINE", 21),
    ("proposal", "Proposal", "OPEN", False, 50, "BEST_CASE", 21),
    ("negotiation", "Negotiation", "OPEN", False, 75, "COMMIT", 14),
    ("on-hold", "On hold", "OPEN", True, 10, "OMITTED", None),
    ("won", "Won", "WON", False, 100, "CLOSED", None),
    ("lost", "Lost", "LOST", False, 0, "OMITTED", None),
)
_REASONS = (
    ("PRICE", "Too expensive"),
    ("COMPETITOR", "Somebody else was chosen"),
    ("TIMING", "Not now"),
    ("FIT", "Not what is needed"),
    ("NO_BUDGET", "No money for it"),
    ("NO_RESPONSE", "No answer any more"),
    ("OTHER", "Something else"),
)


async def _insert(database: Database, table: str, **values: object) -> object:
    row = {"id": ids.new(), "version": 1, "created_at": clock.now(), "updated_at": clock.now()}
    row |= {"created_by": _BY, "updated_by": _BY, **values}
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await database.execute(f"insert into {table} ({', '.join(row)}) values ({places})", *row.values())
    return row["id"]


async def defaults(database: Database) -> None:
    """Insert them, unless somebody has set up pipelines already."""
    if await database.fetch_value("select count(*) from pipeline"):
        return
    pipeline = await _insert(
        database, "pipeline", key="sales", name="Sales", entity_type="deal", is_default=True, is_active=True, position=0
    )
    for position, (key, name, kind, on_hold, probability, category, days) in enumerate(_STAGES):
        await _insert(
            database,
            "stage",
            pipeline_id=pipeline,
            key=key,
            name=name,
            position=position,
            kind=kind,
            is_on_hold=on_hold,
            probability=probability,
            forecast_category=category,
            expected_days=days,
        )
    for code, label in _REASONS:
        await _insert(database, "lost_reason", code=code, label=label, category=code, is_active=True)


async def keep(database: Database) -> None:
    """Leave the rows: deals may be in them, and they go with their tables."""


migration = Migration(operations=[run(defaults, keep)])
