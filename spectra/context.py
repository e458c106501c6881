"""What the frame of every page shows of the files: how many wait in the inbox."""

from functools import cache

from spectra import selectors


def inbox(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"inbox_count": cache(lambda: selectors.inbox_count(user))}  # asked by pages that show it, once
