"""GnuPG as a child process: its keys in a home of their own, its data through pipes."""
