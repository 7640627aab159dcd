"""The worker: takes messages from one queue and runs a handler, losing and doubling none."""
