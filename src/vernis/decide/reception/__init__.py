"""What the receptionist does and says next."""
