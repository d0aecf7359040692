"""What happens in a span of time, days that have a name, and rules of recurrence."""
