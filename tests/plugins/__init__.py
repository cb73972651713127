"""Plugins for the tests of the host: one for each thing a plugin can do."""
