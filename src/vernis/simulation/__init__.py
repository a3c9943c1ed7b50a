"""A simulated salon: a world with hidden rhythms, clients who answer, and days that go by.

Pure and seeded: the same world, seed and calls give the same events. Knows nothing of the
database; a driver feeds it what was sent and applies its events.
"""
