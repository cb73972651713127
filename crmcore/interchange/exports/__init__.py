"""Export: records as CSV or JSON lines, under the row and field rules of whoever asks."""
