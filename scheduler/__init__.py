"""The engine: what is due, claim, send, record, reconcile."""
