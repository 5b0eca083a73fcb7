from accounts.portfolio.models.account import Account, AccountMember
from accounts.portfolio.models.event import AccountEvent
from accounts.portfolio.models.saved_filter import SavedFilter

__all__ = ["Account", "AccountEvent", "AccountMember", "SavedFilter"]
