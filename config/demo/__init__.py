"""The demo book: an invented software company and its customers, made on first start.

Nothing here writes a row. Accounts, people and contracts go through the services that the console uses, usage goes
through the signal door, and everything that follows from it is left to the pump.
"""
