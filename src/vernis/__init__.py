"""Vernis wins lapsed clients of appointment businesses back and proves what it earned."""
