"""Reads CSV as Salesforce Marketing Cloud really writes it, damage included, in one pass."""
