"""What is due: claimed, checked, sent, recorded, and found out where an answer was lost."""
