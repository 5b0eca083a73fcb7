"""Is this installation new?"""


def needed() -> bool:
    """True until there is a workspace: nothing has been loaded, nobody can have signed in."""
    from accounts.workspace.models import Workspace

    return not Workspace.objects.exists()
