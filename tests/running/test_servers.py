"""The tests' own PostgreSQL and Redis: real ones, and gone when the run that wanted them is gone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from qdlab.running.lab import ROOT
from tests import servers
from tests.lab import wait_until


def test_postgresql_answers_and_each_test_has_an_empty_database(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        version = connection.execute("SHOW server_version_num").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()[0]
    assert int(version) >= 140000  # the oldest that Django 5.2 supports
    assert tables == 0


def test_the_postgresql_of_the_wheel_starts_too():
    folder = Path(os.environ[servers.FOLDER_VARIABLE]) / "wheel"
    url, keeper = servers.start_postgres(folder, servers.postgres_programs_of_wheel())
    try:
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW server_version_num").fetchone()[0] >= "180000"
    finally:
        servers.stop(keeper)


def test_programs_that_the_unprivileged_user_cannot_reach_are_copied(tmp_path):
    if not servers.unprivileged_user():
        pytest.skip("these tests do not run as root, so PostgreSQL runs as their own user")
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / "bin").mkdir()
    (hidden / "bin" / "postgres").symlink_to(servers.postgres_programs() / "postgres")
    copied = servers.reachable(hidden / "bin", tmp_path / "reachable", servers.unprivileged_user())
    assert copied == tmp_path / "reachable" / "programs" / "bin"
    assert (copied / "postgres").exists()
    assert hidden.stat().st_mode & 0o777 == 0o700  # nobody's folder is opened for it


def test_redis_answers(redis_url):
    with redis.from_url(redis_url) as client:
        assert client.ping()


def test_a_server_ends_when_the_tests_are_killed():
    code = """
import os, time
from tests import servers
servers.open_run()
print(servers.redis_server(), os.environ[servers.FOLDER_VARIABLE], flush=True)
time.sleep(600)
"""
    tests = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    url, folder = tests.stdout.readline().split()
    assert servers.redis_answers(url)
    tests.kill()
    tests.wait()
    tests.stdout.close()
    wait_until(lambda: not servers.redis_answers(url), "the server's end")
    shutil.rmtree(folder)
