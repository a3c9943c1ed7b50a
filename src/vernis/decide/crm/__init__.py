"""What CRMs say, in our words, and what is said to them."""
