"""Speed and size of Vernis, as ratios to what the servers do alone: `make bench`."""
