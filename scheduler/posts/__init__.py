"""From a publication to what its channel is given, and what follows it: price, previews, takedown."""
