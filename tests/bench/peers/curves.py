"""Curves stored, read back and sent, by QDLab and in two other ways: lists in a JSONField, and a row per point.

The models of the peers exist here alone, in a database that ends with the measurement. Importing needs Django set up.
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
import pandas as pd
from django.db import connection, models
from django.test import Client
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from qdlab.access import services as access
from spectra.models import Grid, Measurement, Trace
from spectra.spectrum import Channel, Spectrum
from spectra.values import shared_grid, traces_of
from tests import factories
from tests.bench.peers.rounds import Contestant, Heat
from tests.spectra import records

POINTS, CHUNK, FEW, LEAST = 1000, 500, 1000, 20
RAW = 16 * POINTS  # bytes of x and y as float64
X = 300.0 + 0.5 * np.arange(POINTS)


class JsonCurve(models.Model):
    x = models.JSONField()
    y = models.JSONField()

    class Meta:
        app_label = "bench"

    def __str__(self):
        return f"curve {self.pk}"


class Point(models.Model):
    curve = models.IntegerField(db_index=True)
    x = models.FloatField()
    y = models.FloatField()

    class Meta:
        app_label = "bench"

    def __str__(self):
        return f"{self.x} {self.y}"


@cache
def values(n: int) -> np.ndarray:
    """``n`` noisy bands (n, POINTS)."""
    centre = 450.0 + np.arange(n)[:, None] % 60
    return 1e4 * np.exp(-(((X - centre) / 9) ** 2)) + np.random.default_rng(1).normal(0, 30, (n, POINTS))


def heats(n: int) -> Iterator[Heat]:
    """One after the other, since each works on what the one before left: storing ``n`` curves, reading 100 back as arrays, and the same 100 from the API to a pandas frame."""
    with connection.schema_editor() as editor:
        editor.create_model(JsonCurve)
        editor.create_model(Point)
    project = factories.make_project("Curves")
    measurement = records.make_measurement(factories.make_sample(factories.make_batch(project)))
    Trace.objects.all().delete()
    yield _storing(measurement, n)
    yield _reading(measurement)
    yield _sending(project)


# --- Storing ----------------------------------------------------------------------------------------------------------


def _storing(measurement: Measurement, n: int) -> Heat:
    def own(k: int) -> Contestant:
        return Contestant("QDLab: bytes on a shared axis", k, lambda: stored_anew(measurement, k), accuracy=_size(k))

    few, least = min(FEW, n), min(LEAST, n)
    contestants = [
        own(n),
        Contestant("lists in a JSONField", few, lambda: store_json(few), 10.0, _size(few)),
        Contestant("a row per point", least, lambda: store_points(least), None, _size(least)),
    ]
    return Heat(f"{n:,} curves stored", "size for each raw byte", contestants, [own(n // 4), own(n // 2), own(n)])


def _size(n: int) -> Callable:
    return lambda taken: f"{taken / (n * RAW):.2f}"


def _taken(*tables: str) -> int:
    """Bytes of the pages of tables and their indices."""
    names = ", ".join(f"'{table}'" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT SUM(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name IN ({names}))"
        )
        return cursor.fetchone()[0]


def stored_anew(measurement: Measurement, n: int) -> int:
    """Store ``n`` curves in place of all others; the bytes they take."""
    Trace.objects.all()._raw_delete("default")
    store(measurement, n)
    return _taken("spectra_trace", "spectra_grid")


def store(measurement: Measurement, n: int) -> None:
    grid = shared_grid(X)
    for start, chunk in _chunks(n):
        traces = []
        for k, y in enumerate(chunk, start):
            (trace,) = traces_of(Spectrum(X, (Channel(y, "intensity", "[a.u.]"),)), lambda x: grid)
            trace.measurement, trace.index = measurement, k
            traces.append(trace)
        Trace.objects.bulk_create(traces)


def store_json(n: int) -> int:
    JsonCurve.objects.all()._raw_delete("default")
    x = X.tolist()
    for _start, chunk in _chunks(n):
        JsonCurve.objects.bulk_create([JsonCurve(x=x, y=y.tolist()) for y in chunk])
    return _taken("bench_jsoncurve")


def store_points(n: int) -> int:
    Point.objects.all()._raw_delete("default")
    for k, y in enumerate(values(n)):
        Point.objects.bulk_create([Point(curve=k, x=a, y=b) for a, b in zip(X.tolist(), y.tolist(), strict=True)])
    return _taken("bench_point")


def _chunks(n: int) -> Iterator[tuple[int, np.ndarray]]:
    for start in range(0, n, CHUNK):
        yield start, values(n)[start : start + CHUNK]


# --- Reading back -----------------------------------------------------------------------------------------------------


def _reading(measurement: Measurement) -> Heat:
    def own(n: int) -> Contestant:
        return Contestant("QDLab: bytes on a shared axis", n, lambda: read(measurement, n), accuracy=_same(n))

    contestants = [
        own(100),
        Contestant("lists in a JSONField", 100, lambda: read_json(100), 50.0, _same(100)),
        Contestant("a row per point", LEAST, lambda: read_points(LEAST), None, _same(LEAST)),
    ]
    return Heat("100 curves read back as arrays", "as stored", contestants, [own(100), own(400), own(1000)])


def _same(n: int) -> Callable:
    return lambda found: "bit for bit" if np.array_equal(found, values(n)) else "DIFFERENT"


def read(measurement: Measurement, n: int) -> list[np.ndarray]:
    rows = Trace.objects.filter(measurement=measurement, index__lt=n).order_by("index").values_list("grid_id", "y")
    found = list(rows)
    axes = dict(Grid.objects.filter(pk__in={grid for grid, _y in found}).values_list("pk", "x"))
    axes = {pk: np.frombuffer(x, "<f8") for pk, x in axes.items()}
    return [np.frombuffer(y, "<f8") for grid, y in found if axes[grid].size == POINTS]


def read_json(n: int) -> list[np.ndarray]:
    rows = JsonCurve.objects.order_by("pk").values_list("x", "y")[:n]
    return [np.array(y) for x, y in rows if np.array(x).size == POINTS]


def read_points(n: int) -> list[np.ndarray]:
    found = []
    for k in range(n):
        rows = np.array(Point.objects.filter(curve=k).order_by("pk").values_list("x", "y"))
        found.append(rows[:, 1])
    return found


# --- From the API to a frame --------------------------------------------------------------------------------------------


class JsonCurveOut(serializers.ModelSerializer):
    class Meta:
        model = JsonCurve
        fields = ["id", "x", "y"]


class PointOut(serializers.ModelSerializer):
    class Meta:
        model = Point
        fields = ["curve", "x", "y"]


class PlainView(APIView):
    """A view as a first version would have it."""

    authentication_classes, permission_classes = [], [AllowAny]
    throttle_classes, renderer_classes = [], [JSONRenderer]
    serializer: type = JsonCurveOut
    rows: Callable = staticmethod(lambda n: JsonCurve.objects.order_by("pk")[:n])

    def get(self, request, n):
        return Response(self.serializer(self.rows(n), many=True).data)


class PointView(PlainView):
    serializer = PointOut
    rows = staticmethod(lambda n: Point.objects.filter(curve__lt=n).order_by("pk"))


def _sending(project) -> Heat:
    _token, text = access.make_token(by=factories.chemist_in(project), name="bench", scopes=["read"])
    client, batch = Client(headers={"Authorization": f"Bearer {text}"}), factories.make_batch(project)

    def own(n: int) -> Contestant:
        measurement = records.make_measurement(factories.make_sample(batch))
        measurement.traces.all().delete()
        store(measurement, n)
        return Contestant("QDLab: Arrow", n, lambda: from_api(client, measurement), accuracy=lambda f: _points(f, n))

    contestants = [
        own(100),
        Contestant("JSONField through a serializer", 100, lambda: frame_of_json(100), 25.0, lambda f: _points(f, 100)),
        Contestant("a row per point", LEAST, lambda: frame_of_points(LEAST), 100.0, lambda f: _points(f, LEAST)),
    ]
    sizes = [own(100), own(200), own(400)]
    return Heat("100 curves from the API to a pandas frame", "points", contestants, sizes)


def _points(frame: pd.DataFrame, n: int) -> str:
    whole = np.array_equal(frame["y"].to_numpy(), values(n).ravel())
    return f"{len(frame):,}, {'bit for bit' if whole else 'DIFFERENT'}"


def from_api(client: Client, measurement: Measurement) -> pd.DataFrame:
    answer = client.get("/api/v1/spectra/data", {"ids": str(measurement.pk), "format": "arrow"})
    return pd.read_feather(io.BytesIO(answer.content))


def frame_of_json(n: int) -> pd.DataFrame:
    found = _answer(PlainView, n)
    return pd.concat([pd.DataFrame({"curve": c["id"], "x": c["x"], "y": c["y"]}) for c in found], ignore_index=True)


def frame_of_points(n: int) -> pd.DataFrame:
    return pd.DataFrame(_answer(PointView, n))


def _answer(view, n: int) -> Sequence[dict]:
    answer = view.as_view()(APIRequestFactory().get("/"), n=n)
    return json.loads(answer.render().content)
