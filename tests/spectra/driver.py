"""A hand inside a lab that is run by other processes: drops files, wakes workers, tells how the jobs stand.

One JSON command per line in, one JSON answer per line out: ``{"drop": 30}``, ``{"dispatch": true}``, ``{"retry": true}``,
``{"recompute": "preview"}`` (or apply, paused, cancelled, or nothing to go on), ``{"state": true}``.
``{"jobs": true}``, ``{"state": true}``.
"""

import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import django

WHEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def main() -> None:
    django.setup()
    drawn = 0
    for line in sys.stdin:
        command = json.loads(line)
        if "drop" in command:
            answer = drop(command["drop"], drawn)
            drawn += command["drop"]
        elif "dispatch" in command:
            from spectra import tasks

            tasks.dispatch()
            answer = {}
        elif "retry" in command:
            answer = retry()
        elif "recompute" in command:
            answer = recompute(command["recompute"])
        elif "jobs" in command:
            answer = jobs()
        else:
            answer = state()
        print(json.dumps(answer), flush=True)


def drop(n: int, first: int) -> dict:
    """Drop ``n`` new emission spectra; how long the slowest took [s]."""
    from qdlab.demo import instruments
    from qdlab.demo.physics import Band
    from spectra import services

    project, person = place()
    slowest = 0.0
    for number in range(first, first + n):
        bench = instruments.Bench(number)
        content = instruments.jasco_emission(f"n{number}", bench.emission((Band(453.0, 14.9),), 5000.0), WHEN)
        begun = time.monotonic()
        services.upload(by=person, project=project, name=f"n{number}.txt", chunks=[content])
        slowest = max(slowest, time.monotonic() - begun)
    return {"slowest_s": slowest}


def retry() -> dict:
    """Try again whatever was given up, as a person would."""
    from spectra import services
    from spectra.models import Analysis, State, Upload

    _project, person = place()
    for analysis in Analysis.objects.filter(state=State.FAILED):
        services.retry_analysis(by=person, analysis=analysis)
    for upload in Upload.objects.filter(status=Upload.Status.UNREADABLE):
        services.read_again(by=person, upload=upload)
    return {}


def recompute(wish: str) -> dict:
    """Do with the newest recomputation what a person would; how it stands then."""
    from spectra import services
    from spectra.models import Analysis, Halted, Recomputation, State

    project, person = place()
    run = Recomputation.objects.order_by("id").last()
    if wish == "preview":
        given = {"window_min_nm": 440.0 + Recomputation.objects.count()}
        run = services.preview_recomputation(
            by=person, project=project, why="settings", method="emission_band", parameters=given
        )
    elif wish == "apply":
        services.apply_recomputation(by=person, recomputation=run)
    elif wish in Halted.values:
        services.hold_recomputation(by=person, recomputation=run, halted=wish)
    current = Analysis.objects.filter(method="emission_band", superseded_by=None, state=State.DONE)
    return {
        "trial": Counter(run.repeats.values_list("state", flat=True)),
        "results": Counter(run.repeats.exclude(result=None).values_list("result__state", flat=True)),
        "made": Analysis.objects.filter(method="emission_band", parameters=run.parameters).count(),
        "current": Counter(Counter(current.values_list("measurement", flat=True)).values()),
        "current_as_wished": current.filter(parameters=run.parameters).count(),
    }


def place():
    from qdlab.access.models import Membership, Project, Role, User

    project, new = Project.objects.get_or_create(name="Kills")
    if new:
        person = User.objects.create(username="dropper")
        Membership.objects.create(project=project, user=person, role=Role.CHEMIST)
    return project, User.objects.get(username="dropper")


def jobs() -> Counter:
    """How many jobs stand in each state: the quick question, asked again and again."""
    from spectra.models import Analysis, Reading

    return Counter(
        [*Reading.objects.values_list("state", flat=True), *Analysis.objects.order_by().values_list("state", flat=True)]
    )


def state() -> dict:
    """Jobs by state, and everything that should be there once per file, counted by how often it is."""
    from qdlab.records import audit
    from qdlab.records.models import AuditEvent
    from spectra.models import Analysis, Measurement, Quantity, Upload

    ended = AuditEvent.objects.filter(action__in=["upload.read", "analysis.ended"]).values_list("subject_id", flat=True)
    project, _person = place()
    return {
        "uploads": Upload.objects.count(),
        "jobs": jobs(),
        "statuses": Counter(Upload.objects.values_list("status", flat=True)),
        "measurements_per_upload": Counter(
            Counter(Measurement.objects.values_list("reading__upload", flat=True)).values()
        ),
        "analyses_per_measurement": Counter(Counter(Analysis.objects.values_list("measurement", flat=True)).values()),
        "times_ended": Counter(Counter(ended).values()),
        "times_each_number": Counter(Counter(Quantity.objects.values_list("analysis", "name")).values()),
        "broken_links": audit.broken_links(str(project.pk)),
    }


if __name__ == "__main__":
    main()
