"""What a client's reply says: intent, choice, day and hour."""
