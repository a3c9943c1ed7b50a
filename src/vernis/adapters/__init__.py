"""The world outside, behind the Protocols of `ports`."""
