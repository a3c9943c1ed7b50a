"""What is written to a client: facts, words, templates, checks, the model's prompt."""
