"""The way through the house. A stage reads the truth, decides with pure functions, writes in one
transaction, and never calls the next: it leaves rows that the next one finds."""
