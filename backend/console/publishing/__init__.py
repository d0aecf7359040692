"""What goes out, what went out, and what needs attention."""
