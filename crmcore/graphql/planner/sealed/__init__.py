"""What is stored sealed: looked up and sorted before the statement, opened and masked behind it."""
