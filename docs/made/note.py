"""What every made page says of itself."""

__all__ = ["MADE"]

MADE = "This page is made from the code by `python docs/build.py`.\n"
