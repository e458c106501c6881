"""What waits in the inbox, grouped."""

import pytest

from spectra import services
from spectra.matching.groups import Kind, groups_of_inbox
from tests import factories
from tests.spectra import walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch():
    return factories.make_batch(code="OC-7")


@pytest.fixture
def chemist(batch):
    return factories.chemist_in(batch.project)


def test_what_is_not_read_yet_and_what_nothing_is_known_of_are_groups_of_their_own(batch, chemist):
    walk.drop(chemist, batch.project, walk.emission_file("walk", seed=1), "a.txt")
    walk.work()
    walk.drop(chemist, batch.project, walk.emission_file("walk", seed=2), "b.txt")
    assert [(g.kind, [m.upload.name for m in g.members]) for g in groups_of_inbox(chemist)] == [
        (Kind.UNKNOWN, ["a.txt"]),
        (Kind.READING, ["b.txt"]),
    ]


def test_accepting_a_file_without_a_suggestion_leaves_it_and_says_so(batch, chemist):
    upload = walk.drop(chemist, batch.project, walk.emission_file("walk"), "a.txt")
    walk.work()
    accepted = services.accept(by=chemist, uploads=[upload])
    assert accepted.placed == ()
    assert [note.code for _upload, note in accepted.left] == ["nothing_suggested"]


def test_nobody_sees_the_files_of_another_project(batch, chemist):
    walk.drop(chemist, batch.project, walk.emission_file("walk"), "a.txt")
    walk.work()
    stranger = factories.make_member(factories.make_project())
    assert groups_of_inbox(stranger) == []
