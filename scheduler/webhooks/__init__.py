"""Webhooks that tell others what happened: which receivers there are, what is announced, and how it is delivered."""
