from accounts.portfolio.models.account import Account, AccountMember
from accounts.portfolio.models.event import AccountEvent

__all__ = ["Account", "AccountEvent", "AccountMember"]
