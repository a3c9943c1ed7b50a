"""What channels say, in our words: webhooks, signatures, states."""
