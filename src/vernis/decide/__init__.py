"""Decisions: pure functions without await, clock or I/O."""
