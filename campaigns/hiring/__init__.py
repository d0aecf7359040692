"""What came of it: tracked links, visits, candidates, touches, hires, and where each hire came from."""
