"""The ways by which orders come; other plugins register more."""

from __future__ import annotations

from crmcore import Registered

__all__ = ["CHANNELS", "SET"]

#: The open set.
SET = "order_channels"
CHANNELS = (
    Registered(SET, "WEB", "Web shop", "Ordered on a web site."),
    Registered(SET, "STORE", "Store", "Bought over the counter."),
    Registered(SET, "APP", "App", "Ordered in an app."),
    Registered(SET, "PHONE", "Telephone", "Ordered by telephone."),
    Registered(SET, "MARKETPLACE", "Marketplace", "Ordered on somebody else's market."),
    Registered(SET, "SALES", "Sales", "Taken down by a salesperson."),
    Registered(SET, "MAIL", "Mail", "Ordered by letter or e-mail."),
)
