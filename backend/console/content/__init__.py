"""Content of every kind: written, listed, reviewed."""
