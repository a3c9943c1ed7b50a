"""A rolling-origin test of the timing on any visit log: see docs/timing.md."""
