"""One file for each channel; importing the package registers them."""

from accounts.outbox.transports import email, in_app, webhook

__all__ = ["email", "in_app", "webhook"]
