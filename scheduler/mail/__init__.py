"""Letters, one a recipient: queued, delivered, come back."""
