"""Webhooks: what happened here, told to other people's servers."""
