"""What the four services share: contracts, the worker, AWS clients, settings and logs."""
