"""Asks a carrier where a parcel is."""

import no_such_carrier

__all__ = ["no_such_carrier"]
