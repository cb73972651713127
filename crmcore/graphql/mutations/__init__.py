"""Mutations: from what clients give to a unit of work, and from its result to what they see."""
