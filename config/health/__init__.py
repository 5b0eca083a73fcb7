"""Whether the database answers, whether work moves, whether workers live: for balancers, for Prometheus, for people."""
