"""What readers and calendars subscribe to."""
