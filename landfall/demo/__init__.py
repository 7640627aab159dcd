"""The demonstration: a made-up extract, and a run of the whole chain over it."""
