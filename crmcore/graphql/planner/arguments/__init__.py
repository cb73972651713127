"""What an operation is given: arguments and variables, coerced, parted into shapes and values, and bound."""
