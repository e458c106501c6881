"""A project with a chemist who is signed in. Imports stand inside: pytest loads this file before Django is set up."""

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
