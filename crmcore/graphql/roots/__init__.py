"""The fields of Query: what backs each, and the ones that are not of an entity."""
