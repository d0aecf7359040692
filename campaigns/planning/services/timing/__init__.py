"""When a channel may publish, and what comes again: slots, quiet times, pauses, recurrences."""
