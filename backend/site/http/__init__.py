"""What every address that is only read has in common: caching."""
