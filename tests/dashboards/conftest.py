import pytest


@pytest.fixture
def project(db):
    from tests import factories

    return factories.make_project("Blue emitters")


@pytest.fixture
def chemist(project):
    from tests.dashboards.people import member

    return member(project, "chemist", "ada")


@pytest.fixture
def pi(project):
    from tests.dashboards.people import member

    return member(project, "reviewer", "marie")


@pytest.fixture
def viewer(project):
    from tests.dashboards.people import member

    return member(project, "viewer", "ivan")


@pytest.fixture
def recipe(project, chemist):
    from tests import factories

    return factories.make_recipe(project, by=chemist, name="MLA·MA·QD₄")


@pytest.fixture
def make(recipe, chemist):
    """``make(code, numbers)``: a weighed batch with a sample, and results where there are numbers."""
    from tests.dashboards.people import make_batch

    def batch(code, *numbers, **fields):
        return make_batch(recipe, chemist, code, *numbers, **fields)

    return batch


@pytest.fixture
def as_chemist(client, chemist):
    client.force_login(chemist)
    return client


@pytest.fixture
def queries_of():
    """``queries_of(client, address)``: how many queries the page costs."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(client, address):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    return count
