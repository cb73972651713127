"""Links of rows that are written once, under the lock of their account, are no foreign keys any more; `crm loyalty verify` follows them."""

from crmcore.database.migrations import Column, Migration, alter_column

_WRITTEN_ONCE = {
    "loyalty_transaction": {"currency_id": False, "member_id": False, "other_member_id": True, "reverses_id": True},
    "loyalty_entry": {"transaction_id": False, "account_id": True, "member_id": True, "currency_id": False},
    "loyalty_lot": {
        "account_id": False,
        "member_id": False,
        "currency_id": False,
        "transaction_id": False,
        "origin_id": True,
    },
    "loyalty_lot_move": {"transaction_id": False, "lot_id": False, "hold_id": True},
}

migration = Migration(
    operations=[
        alter_column(table, Column(name, "id", null=empty))
        for table, links in _WRITTEN_ONCE.items()
        for name, empty in links.items()
    ]
)
