"""Figures and groups: counts, sums, averages and extremes of a list, whole or by keys."""
