"""Turns a landed file into verified plaintext members under raw/."""
