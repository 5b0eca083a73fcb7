"""An app that only a hurt installation has: subscribers that end, fill or block whoever listens to them."""

POISONS = ("exits", "fills the memory", "never ends", "cannot read it")
TRIES = 3
