"""What is read on the house's own surfaces: bulletins with their sections, the items that blog and feeds show,
and feeds as pure documents."""
