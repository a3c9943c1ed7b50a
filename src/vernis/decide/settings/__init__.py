"""What a company can set: from what a person types to a value, and back."""
