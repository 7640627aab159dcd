"""Whether recipes are right, and what one would do to a sample of its files."""
