"""A project with a chemist who is signed in. Imports stand inside: pytest loads this file before Django is set up."""

import html
import re

import pytest


@pytest.fixture
def project(db):
    from tests import factories

    return factories.make_project("Blue emitters")


@pytest.fixture
def chemist(client, project):
    from tests import factories

    user = factories.chemist_in(project)
    client.force_login(user)
    return user


@pytest.fixture
def viewer(project):
    from tests import factories

    return factories.make_member(project, "viewer")


@pytest.fixture
def outsider(db):
    from tests import factories

    return factories.make_member(factories.make_project("Somebody else's"))


@pytest.fixture
def sample(project, chemist):
    from tests import factories

    return factories.make_sample(factories.make_batch(project), state="washed")


@pytest.fixture
def text_of():
    """The text of a page as it is read, without tags."""

    def words(response) -> str:
        body = re.sub(r"<script.*?</script>", "", response.content.decode(), flags=re.S)
        return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))

    return words
