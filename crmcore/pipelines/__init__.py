"""Pipelines, their stages, and the deals that go through them."""
