"""What the files of a salon's software say: kinds, columns, cells, records."""
