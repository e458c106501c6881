"""The measurements of speed can be started; how fast they are is no matter of tests."""

from tests.bench.__main__ import main
from tests.bench.uploads import contents


def test_a_measurement_that_does_not_exist_is_answered_with_those_that_do(capsys):
    assert main(["nothing"]) == 2
    assert "uploads" in capsys.readouterr().err


def test_the_files_of_the_measurement_differ_from_each_other():
    files = list(contents(8))
    assert len({content for _name, content in files}) == len({name for name, _content in files}) == 8
