"""Who gets our mail: lists, and the addresses on them. Sending is the scheduler's."""
