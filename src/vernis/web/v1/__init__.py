"""The REST API, first version."""
