"""How often somebody may do something, counted in one place for all processes and hosts."""
