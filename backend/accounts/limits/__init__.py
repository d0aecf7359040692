"""How often a secret may be guessed and a form be sent. `rules` says how often what, `counters` counts in the database,
`client_address` and `known_browsers` tell where a request comes from."""
