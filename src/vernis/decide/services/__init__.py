"""From a service's title to an industry standard."""
