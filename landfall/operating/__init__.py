"""What an operator asks of a running deployment: where files are, what failed, and to run it again."""
