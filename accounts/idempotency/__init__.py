"""Requests that are sent again because nobody heard the answer: one effect, and the same answer again."""
