"""The part of Glue that no emulator has: a crawler that reads Parquet and makes tables and partitions.

An HTTP server in front of an emulator. It forwards every request as it came, except those that start, stop or
describe crawls, which it answers itself.
"""
