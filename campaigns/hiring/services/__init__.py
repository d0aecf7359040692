"""What may be written in this room: candidates, their touches and their way, and the hires."""

from campaigns.hiring.services.candidates import add_candidate, change_candidate, move_candidate
from campaigns.hiring.services.hires import record_hire, reverse_hire, start_hire
from campaigns.hiring.services.touches import add_touch, remove_touch

__all__ = [
    "add_candidate",
    "add_touch",
    "change_candidate",
    "move_candidate",
    "record_hire",
    "remove_touch",
    "reverse_hire",
    "start_hire",
]
