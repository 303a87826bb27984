"""Records what people judge about identity, and takes it back."""
