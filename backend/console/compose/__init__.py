"""One text and its versions for each channel."""
