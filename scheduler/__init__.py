"""Publishing: the engine, its channels and connections, posts, mail and webhooks."""
