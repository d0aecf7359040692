"""What a database knows of itself: a copy or a restored one is noticed, and nothing starts without its keys or rows."""
