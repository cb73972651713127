"""Types of values and records: scalars, enums, money, stamps, problems, and the object type of each entity."""
