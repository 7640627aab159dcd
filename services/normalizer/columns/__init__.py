"""Turns columns of text into the columns of the output, a batch at a time."""
