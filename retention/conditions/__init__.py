"""The condition language: what may be asked of an account's facts, and the answer true, false or unknown.

Plain Python without tables; the contract is `docs/conditions.md`. `language` says what a condition is, `check` turns
JSON into one or says what is wrong, `evaluate` answers it in memory and explains the answer, `sql` answers it for many
accounts at once, `timing` says when time alone can change the answer.
"""
