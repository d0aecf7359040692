"""Today, and the first steps of a new start."""
