"""Fixtures of the tests that need an emulator."""

from __future__ import annotations

from tests.stack import clients, stack, stack_environment

__all__ = ["clients", "stack", "stack_environment"]
