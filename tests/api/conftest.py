"""The API as a script sees it: ``ask(person).get("/batches/")``."""

import pytest


@pytest.fixture(autouse=True)
def no_requests_counted_yet():
    """Throttles count in the cache, which outlives a test."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def ask(db):
    """``ask(person)``: a client with a token of that person (scopes read and write unless given)."""
    from tests.api.script import Script

    return Script.of


@pytest.fixture
def anybody(db):
    """A client without any token."""
    from tests.api.script import Script

    return Script("")
