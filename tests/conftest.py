"""What every test can use: real servers, a live lab, a browser page, and Django on SQLite or PostgreSQL.

``pytest --database=postgresql`` runs only the tests that use the database, on PostgreSQL.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import pytest

from tests import chromium, lab, servers
from tests.browser import browser, failed, page, sign_in  # noqa: F401 (fixtures)

collect_ignore = ["peers/atheris_bytes.py", "spectra/same_database.py"]  # programs of their own, started by tests
PEERS = "The peers did not run"
OWN_DATA = pytest.StashKey[str]()
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server", "client", "admin_client"}


# --- Settings, before Django reads them ---------------------------------------------------------------------------------


def pytest_addoption(parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="where Django tests run")


def pytest_configure(config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        servers.open_run()
    config.stash[OWN_DATA] = tempfile.mkdtemp(prefix="qdlab-test-data-")
    on_postgres = config.getoption("--database") == "postgresql"
    server = servers.postgres_server() if on_postgres else ""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="qdlab.settings",
        QDLAB_ENV="lab",
        QDLAB_TIME_ZONE="UTC",
        QDLAB_DATA=config.stash[OWN_DATA],
        QDLAB_STATIC_MANIFEST="0",  # pages name their static files without collecting them first
        DATABASE_URL=urlunsplit(urlsplit(server)._replace(path="/qdlab")) if server else "",
        REDIS_URL="",
    )
    import django

    django.setup()  # pytest-django looked before these were set; test modules import models while they are collected


def pytest_unconfigure(config) -> None:
    servers.close_run()
    shutil.rmtree(config.stash.get(OWN_DATA, ""), ignore_errors=True)


# --- Which tests run where ----------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items) -> None:
    for item in items:
        if "browser" in item.fixturenames:
            # A browser that a busy machine starves gets a second try; what it shows wrong fails at once.
            item.add_marker(pytest.mark.flaky(reruns=2, only_rerun=["TimeoutError"]))
        if "live_lab" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("live_lab"))  # one lab and one browser serve them all
    if config.getoption("--database") == "postgresql":
        others = [item for item in items if not uses_database(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if uses_database(item)]


def uses_database(item) -> bool:
    """Tests that would see a difference between the engines; what a browser shows does not depend on them."""
    if "browser" in item.fixturenames:
        return False
    return item.get_closest_marker("django_db") is not None or bool(DATABASE_FIXTURES & set(item.fixturenames))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[failed] = report.failed
    return report


def pytest_terminal_summary(terminalreporter) -> None:
    """Tests without a browser are skipped loudly; at full length, those without the peers too."""
    blind = [report for report in terminalreporter.stats.get("skipped", []) if chromium.MISSING in str(report.longrepr)]
    if blind:
        terminalreporter.write_sep("!", f"{len(blind)} BROWSER TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.write_line(chromium.MISSING, red=True)
    alone = [report for report in terminalreporter.stats.get("skipped", []) if PEERS in str(report.longrepr)]
    if alone and os.environ.get("QDLAB_LONG"):
        terminalreporter.write_sep("!", f"{len(alone)} TESTS WITH PEERS DID NOT RUN", red=True, bold=True)
        terminalreporter.write_line("They need make peers, and those with real files QDLAB_CORPUS.", red=True)


# --- Django ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request) -> None:
    """SQLite in a file, as in a lab: threads that write wait for each other, which a database in memory refuses."""
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(request.config.stash[OWN_DATA]) / "test.sqlite3")
        options = connection.settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    else:
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2 is slow on purpose; hundreds of test people need not wait for it. A live lab uses the real one."""
    from django.test import override_settings

    quick, real = "django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"
    with override_settings(PASSWORD_HASHERS=[quick, real]):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """Nobody pulls the plug of a test process, so its files need not reach the disk before it goes on. A live lab waits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


# --- NumPy ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def numbers_print_as_numpy_prints_them() -> None:
    """colour-science switches all of NumPy to a printing style of its own; examples in docstrings expect NumPy's."""
    np.set_printoptions(legacy=False)


# --- Real servers -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of a running PostgreSQL, as its superuser."""
    return servers.postgres_server()


@pytest.fixture
def postgres_url(postgres_server) -> Iterator[str]:
    """The URL of an empty database of one's own on a running PostgreSQL."""
    with servers.fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The URL of a running Redis; each test process has a database number of its own."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 16
    return f"{servers.redis_server()}/{number}"


@pytest.fixture(scope="session")
def live_lab(tmp_path_factory) -> Iterator[lab.LiveLab]:
    """A running lab (web server and worker as children of the launcher) with a cast of people and no data."""
    live = lab.start_with_cast(tmp_path_factory.mktemp("live_lab"))
    yield live
    live.stop()
