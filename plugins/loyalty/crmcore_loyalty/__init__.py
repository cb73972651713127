"""Loyalty for crmcore: points as a double-entry ledger of lots, tiers, rewards, liability."""
