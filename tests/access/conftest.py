"""A small lab. Imports stand inside: pytest loads this file before Django is set up."""

import pytest

PASSWORD = "cobalt-spoon-rainy-lantern"


@pytest.fixture
def password():
    return PASSWORD


@pytest.fixture
def owner(db):
    from qdlab.access import services

    return services.become_owner(
        secret=services.make_owner_link(), username="owner", password=PASSWORD, project_name="Blue emitters"
    )


@pytest.fixture
def project(owner):
    return owner.memberships.get().project


@pytest.fixture
def chemist(owner, project):
    from qdlab.access import services

    return services.admit_person(by=owner, username="chemist", password=PASSWORD, project=project)
