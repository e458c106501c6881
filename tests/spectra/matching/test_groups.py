"""What waits in the inbox, grouped by where it seems to belong; accepted and corrected."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qdlab.demo import instruments
from spectra import selectors, services
from spectra.matching.groups import Kind, groups_of_inbox
from spectra.models import Habit, Measurement, StandardSession
from tests import factories
from tests.spectra import walk
from tests.spectra.matching import bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project("Blue emitters")


@pytest.fixture
def chemist(project):
    return factories.chemist_in(project)


@pytest.fixture
def sample(project):
    return factories.make_sample(factories.make_batch(project, code="OC-7"), code="OC-7-a")


@pytest.fixture
def standard(chemist):
    return services.make_standard(
        by=chemist, compound="9,10-diphenylanthracene", solvent="cyclohexane", phi=0.97, phi_u=0.03
    )


def names(group) -> list[str]:
    return [member.upload.name for member in group.members]


def only_group(chemist):
    (group,) = groups_of_inbox(chemist)
    return group


def test_what_is_not_read_yet_and_what_nothing_is_known_of_are_groups_of_their_own(project, chemist):
    bench.drop(chemist, project, bench.emission("walk"), "a.txt")
    bench.drop(chemist, project, b"This is prose, not a spectrum.", "prose.txt")
    walk.drop(chemist, project, bench.emission("walk", 500), "b.txt")
    assert [(g.kind, names(g)) for g in groups_of_inbox(chemist)] == [
        (Kind.UNKNOWN, ["a.txt"]),
        (Kind.UNREADABLE, ["prose.txt"]),
        (Kind.READING, ["b.txt"]),
    ]


def test_accepting_a_file_without_a_suggestion_leaves_it_and_says_so(project, chemist):
    upload = bench.drop(chemist, project, bench.emission("walk"), "a.txt")
    accepted = services.accept(by=chemist, uploads=[upload])
    assert accepted.placed == ()
    assert [note.code for _upload, note in accepted.left] == ["nothing_suggested"]


def test_files_between_files_with_a_code_are_one_group_and_accepting_it_puts_them_on_the_sample(
    project, chemist, sample
):
    for minutes, title in enumerate(("OC-7 d1", "", "", "OC-7 d4")):
        bench.drop(chemist, project, bench.emission(title, 10 * minutes), f"{minutes}.txt")
    group = only_group(chemist)
    assert (group.kind, group.sample, group.batch, names(group)) == (
        Kind.SAMPLE, sample, sample.batch, ["1.txt", "2.txt"],
    )  # fmt: skip
    assert group.confidence == 0.65 and "between its other files" in str(group.reason)
    assert not group.is_sure and group.can_accept
    accepted = services.accept_group(by=chemist, key=group.key)
    assert len(accepted.placed) == 2 and accepted.left == ()
    assert set(Measurement.objects.values_list("sample", flat=True)) == {sample.pk}
    assert groups_of_inbox(chemist) == []


def test_a_batch_that_was_logged_after_its_files_were_dropped_is_found(project, chemist):
    bench.drop(chemist, project, bench.emission("OC-9 d1"), "a.txt")
    assert only_group(chemist).kind == Kind.UNKNOWN
    factories.make_sample(factories.make_batch(project, code="OC-9"), code="OC-9-a")
    group = only_group(chemist)
    assert (group.batch.code, group.is_sure) == ("OC-9", True)


def test_a_series_is_paired_by_time_and_its_labels_are_kept_when_it_is_accepted(project, chemist, sample):
    bench.drop(chemist, project, bench.emission("OC-7 start", 0), "first.txt")
    bench.drop(chemist, project, bench.absorbance("OC-7 start", 1), "first abs.txt")
    for number in (3, 1, 2):
        bench.drop(chemist, project, bench.emission("", 10 * number), f"PL{number}.txt")
        bench.drop(chemist, project, bench.absorbance("", 10 * number + 2), f"UV{number}.txt")
    group = only_group(chemist)
    assert [(m.upload.name, m.dilution_label, m.label_by_time) for m in group.members] == [
        (f"{kind}{number}.txt", f"d{number}", True) for number in (1, 2, 3) for kind in ("PL", "UV")
    ]
    assert group.missing == ()
    services.accept_group(by=chemist, key=group.key)
    found = Measurement.objects.filter(sample=sample).exclude(dilution_label="")
    assert sorted(found.values_list("technique", "dilution_label")) == [
        (technique, f"d{n}") for technique in ("pl_emission", "uvvis") for n in (1, 2, 3)
    ]


def test_what_a_series_lacks_is_said_and_what_is_on_the_sample_already_is_not_missing(project, chemist, sample):
    bench.drop(chemist, project, bench.absorbance("OC-7 d1", 1), "UV1.txt")  # goes to its sample by itself
    for number in (1, 2, 3):
        bench.drop(chemist, project, bench.emission(f"d{number}", 10 * number), f"PL{number}.txt")
    bench.drop(chemist, project, bench.absorbance("d2", 22), "UV2.txt")
    names_first = bench.drop(chemist, project, bench.emission("OC-7", 0), "PL.txt")
    assert names_first.sample == sample
    assert [str(note) for note in only_group(chemist).missing] == ["absorbance of d3 is missing"]


def test_a_standards_series_is_recognised_by_its_name_and_accepting_it_opens_a_session(project, chemist, standard):
    for raw in instruments_files():
        bench.drop(chemist, project, raw.content, raw.name)
    group = only_group(chemist)
    assert (group.kind, group.standard, group.missing) == (Kind.STANDARD, standard, ())
    assert {member.role for member in group.members} == {"standard"}
    accepted = services.accept_group(by=chemist, key=group.key)
    assert len(accepted.placed) == len(group.members) == 10 and accepted.left == ()
    session = StandardSession.objects.get()
    assert session.standard == standard and session.name == "9,10-diphenylanthracene 2026-03-02"
    assert session.measurements.filter(role="standard", standard=standard).count() == 10
    assert groups_of_inbox(chemist) == []


def instruments_files():
    from qdlab.demo import files

    return files.of_standard(instruments.Bench(3), walk.WHEN)


def test_a_blank_waits_with_the_series_it_was_measured_with(project, chemist, sample):
    bench.drop(chemist, project, bench.emission("OC-7 d1", 0), "d1.txt")
    bench.drop(chemist, project, bench.emission("blank", 6), "blank.txt")
    group = only_group(chemist)
    assert (group.sample, [m.role for m in group.members]) == (sample, ["blank"])
    services.accept_group(by=chemist, key=group.key)
    assert Measurement.objects.get(role="blank").sample == sample


def test_a_narrow_pulse_is_suggested_as_an_instrument_response(project, chemist, sample):
    response = instruments.Bench(1).decay((9.02,), (1.0,))[1]
    rows = "\n".join(f"{n * instruments.BIN_NS:.4f}\t{int(c)}" for n, c in enumerate(response))
    upload = walk.drop(
        chemist, project, f"time (ns)\tcounts\n{rows}\n".encode(), "tuesday.txt", hints={"technique": "decay"}
    )
    walk.work()
    group = only_group(chemist)
    assert group.kind == Kind.RESPONSE and "instrument response" in str(group.reason)
    services.accept(by=chemist, uploads=[upload])
    assert Measurement.objects.get().role == "IRF"
    assert groups_of_inbox(chemist) == []


def test_a_suggestion_that_changed_since_it_was_shown_is_not_accepted(project, chemist, sample):
    upload = bench.drop(chemist, project, bench.emission("OC-8", 0), "a.txt")
    shown = only_group(chemist).key
    factories.make_sample(factories.make_batch(project, code="OC-8"), code="OC-8-a")
    accepted = services.accept(by=chemist, uploads=[upload], key=shown)
    assert [note.code for _upload, note in accepted.left] == ["suggestion_changed"]


def test_a_pattern_finds_a_code_that_is_grown_together_with_other_words_as_soon_as_the_file_is_read(
    project, chemist, sample
):
    services.add_pattern(by=chemist, project=project, text="{operator}-{batch}-{technique}{n}")
    upload = bench.drop(chemist, project, bench.emission("", 0), "mk-OC-7-PL3.txt")
    assert upload.sample == sample and upload.suggestion["reason"]["code"] == "pattern"


def test_a_pattern_that_was_added_later_places_what_waits(project, chemist, sample):
    bench.drop(chemist, project, bench.emission("", 0), "xOC-7xPL.txt")
    assert only_group(chemist).kind == Kind.UNKNOWN
    services.add_pattern(by=chemist, project=project, text="x{batch}x{technique}")
    assert only_group(chemist).sample == sample and only_group(chemist).is_sure


# --- Learning ---------------------------------------------------------------------------------------------------------


def test_a_corrected_file_is_a_suggestion_next_time_and_says_why(project, chemist, sample):
    first = bench.drop(chemist, project, bench.emission("cup7 d1", 0), "a.txt")
    services.correct(by=chemist, upload=first, sample=sample)
    bench.drop(chemist, project, bench.emission("cup7 d2", 600), "b.txt")  # another session: no neighbour
    group = only_group(chemist)
    assert group.sample == sample
    assert str(group.reason) == "files with “cup7” in the title were put there before (1×)"
    services.accept_group(by=chemist, key=group.key)
    assert Habit.objects.get(key="cup7").times == 2


def test_putting_it_elsewhere_takes_the_habit_back(project, chemist, sample):
    other = factories.make_sample(factories.make_batch(project, code="OC-8"), code="OC-8-a")
    first = bench.drop(chemist, project, bench.emission("cup7", 0), "a.txt")
    services.correct(by=chemist, upload=first, sample=sample)
    second = bench.drop(chemist, project, bench.emission("cup7", 600), "b.txt")
    services.correct(by=chemist, upload=second, sample=other)
    bench.drop(chemist, project, bench.emission("cup7", 1200), "c.txt")
    assert only_group(chemist).sample == other
    assert {h.value: (h.times, h.against) for h in Habit.objects.all()} == {
        str(sample.pk): (1, 1),
        str(other.pk): (1, 0),
    }


def test_what_a_code_says_is_not_learnt_and_neither_are_words_that_say_nothing(project, chemist, sample):
    for minutes, title in enumerate(("OC-7", "PL", "d3", "sample 12")):
        upload = bench.drop(chemist, project, bench.emission(title, 100 * minutes), f"{minutes}.txt")
        services.correct(by=chemist, upload=upload, sample=sample)
    assert not Habit.objects.exists()


def test_a_word_for_a_blank_and_one_for_a_standard_are_learnt(project, chemist, sample, standard):
    blank = bench.drop(chemist, project, bench.emission("tolu", 0), "a.txt")
    services.correct(by=chemist, upload=blank, sample=sample, role="blank")
    reference = bench.drop(chemist, project, bench.emission("bluecup d1", 300), "b.txt")
    services.correct(by=chemist, upload=reference, standard=standard)
    bench.drop(chemist, project, bench.emission("tolu", 1000), "c.txt")
    bench.drop(chemist, project, bench.emission("bluecup d2", 2000), "d.txt")
    assert [(g.kind, g.standard, g.members[0].role) for g in groups_of_inbox(chemist)] == [
        (Kind.STANDARD, standard, "standard"),
        (Kind.BLANK, None, "blank"),
    ]
    assert Measurement.objects.get(reading__upload=reference).standard_session is not None


def test_the_technique_of_files_that_do_not_tell_it_is_learnt_by_their_kind(project, chemist, sample):
    def table(number: int) -> bytes:
        return (
            b"wavelength (nm)\tsignal\n"
            + "\n".join(f"{400 + n}\t{(n - 75) ** 2 / 5e3 + number:.4f}" for n in range(150)).encode()
        )

    first = bench.drop(chemist, project, table(1), "one.txt")
    assert Measurement.objects.get(reading__upload=first).technique in ("", "generic")
    services.correct(by=chemist, upload=first, sample=sample, technique="uvvis")
    assert list(Habit.objects.filter(says="technique").values_list("clue", "value")) == [("shape", "uvvis")]
    second = bench.drop(chemist, project, table(2), "two.txt")
    member = next(m for g in groups_of_inbox(chemist) for m in g.members)
    assert (member.upload, member.technique) == (second, "uvvis")


def test_words_that_stand_everywhere_are_not_learnt(project, chemist, sample):
    others = [factories.make_sample(factories.make_batch(project, code=f"OC-{n}"), code=f"OC-{n}-a") for n in (8, 9)]
    for minutes, target in enumerate((*others, sample)):
        upload = bench.drop(chemist, project, bench.emission(f"kim cup{minutes}", 100 * minutes), f"{minutes}.txt")
        services.correct(by=chemist, upload=upload, sample=target)
    assert set(Habit.objects.filter(value=str(sample.pk)).values_list("key", flat=True)) == {"cup2"}


# --- Who sees what ----------------------------------------------------------------------------------------------------


def test_nobody_sees_or_learns_from_the_files_of_another_project(project, chemist, sample):
    stranger_project = factories.make_project()
    stranger = factories.make_member(stranger_project)
    first = bench.drop(chemist, project, bench.emission("cup7", 0), "a.txt")
    assert groups_of_inbox(stranger) == []
    services.correct(by=chemist, upload=first, sample=sample)
    bench.drop(stranger, stranger_project, bench.emission("cup7", 5), "b.txt")
    bench.drop(stranger, stranger_project, bench.emission("OC-7", 9), "c.txt")
    assert [(g.kind, g.sample, g.project) for g in groups_of_inbox(stranger)] == [
        (Kind.UNKNOWN, None, stranger_project)
    ]
    assert list(Habit.objects.visible_to(stranger)) == []


def test_somebody_in_two_projects_is_no_neighbour_across_them(project, chemist, sample):
    other = factories.make_project("Green emitters")
    factories.make_member(other, user=chemist)
    bench.drop(chemist, project, bench.emission("OC-7", 0), "a.txt")
    bench.drop(chemist, other, bench.emission("", 5), "b.txt")
    assert [(g.kind, g.project) for g in groups_of_inbox(chemist)] == [(Kind.UNKNOWN, other)]
    assert groups_of_inbox(chemist, project) == []


def test_a_viewer_may_look_but_not_accept(project, chemist, sample):
    from django.core.exceptions import PermissionDenied

    bench.drop(chemist, project, bench.emission("OC-7 d1", 0), "a.txt")
    upload = bench.drop(chemist, project, bench.emission("", 5), "b.txt")
    viewer = factories.make_member(project, "viewer")
    assert only_group(viewer).sample == sample
    for act in (services.accept, services.correct):
        with pytest.raises(PermissionDenied):
            act(
                by=viewer, **({"uploads": [upload]} if act is services.accept else {"upload": upload, "sample": sample})
            )


def test_fifty_files_cost_as_many_questions_as_two(project, chemist, sample):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            groups_of_inbox(chemist)
        return len(asked)

    def wait(numbers) -> None:
        from tests.spectra import records

        for n in numbers:
            upload = records.make_upload(project, by=chemist, name=f"{n}.txt")
            records.make_measurement(
                project=project, upload=upload, title=f"cup{n}", dilution_label=f"d{n % 9}", measured_at=walk.WHEN,
                technique="decay" if n % 3 else "pl_emission",
            )  # fmt: skip

    wait(range(2))
    few = questions()
    wait(range(2, 50))
    assert selectors.inbox_count(chemist) == 50
    assert questions() == few <= 16
