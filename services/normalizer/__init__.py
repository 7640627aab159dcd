"""Turns raw members into typed, hashed Parquet in the curated bucket."""
