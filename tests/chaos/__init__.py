"""The fault campaign: `make chaos`. Publishes while its consumers are killed and its channels lie, then asks whether
every publication went out exactly once. A plain queue with retries is put through the same as the negative control."""
