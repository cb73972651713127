"""The fault test of loyalty: a CRM is killed while points move, and afterwards everything has to add up."""
