"""Plugins that are good but for one thing: each falls short of exactly one rule. `tests/plugins/test_bad.py` checks them."""
