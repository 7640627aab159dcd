"""Archives what was ingested and announces the outcome."""
