"""Subscriptions: who asked for what, grouped so that each change is read once for all who are shown the same."""
