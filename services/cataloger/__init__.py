"""Makes Glue catalogue what was normalised, and proves that it did."""
