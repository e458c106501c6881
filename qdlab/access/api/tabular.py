"""Tables for analysis scripts: one Arrow table, answered as JSON records, CSV, Parquet or Arrow.

Units of the columns travel in the schema metadata of Parquet and Arrow (keys ``unit`` and ``label`` of each field), and with
every format in the header ``QDLab-Units``, a JSON object: column → UCUM unit, of the columns that have one.
"""

import io
import json
from collections.abc import Mapping

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer

from qdlab.access.api.renderers import to_json

HEADER = "QDLab-Units"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class TableRenderer(BaseRenderer):
    """Only names a format for the negotiation; ``table_answer`` does the work."""

    charset = None

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return to_json(data)


class Json(TableRenderer):
    media_type, format = "application/json", "json"


class Csv(TableRenderer):
    media_type, format = "text/csv", "csv"


class Parquet(TableRenderer):
    media_type, format = "application/vnd.apache.parquet", "parquet"


class Arrow(TableRenderer):
    media_type, format = "application/vnd.apache.arrow.file", "arrow"


class ArrowStream(TableRenderer):
    media_type, format = "application/vnd.apache.arrow.stream", "arrows"


FORMATS = (Json, Csv, Parquet, Arrow, ArrowStream)


def with_units(table: pa.Table, columns: Mapping[str, Mapping[str, str]]) -> pa.Table:
    """``table`` with unit and label of each column in its metadata; ``columns``: name → {"unit", "label"}."""
    fields = []
    for field in table.schema:
        said = {key: text for key, text in columns.get(field.name, {}).items() if text}
        fields.append(field.with_metadata(said) if said else field)
    known = {b"qdlab": orjson.dumps({"columns": columns})}
    return table.cast(pa.schema(fields, metadata=known))


def columns_of(table: pa.Table) -> dict:
    return orjson.loads((table.schema.metadata or {}).get(b"qdlab", b'{"columns": {}}'))["columns"]


def table_answer(table: pa.Table, renderer: TableRenderer, name: str, records=None) -> HttpResponse:
    """The table in the negotiated format; ``records`` replaces the rows where JSON has a better shape."""
    body = _BODY[renderer.format](table) if records is None or renderer.format != "json" else to_json(records)
    answer = HttpResponse(body, content_type=_content_type(renderer))
    units = {name: said["unit"] for name, said in columns_of(table).items() if said.get("unit")}
    answer[HEADER] = json.dumps(units)
    if renderer.format != "json":
        answer["Content-Disposition"] = f'attachment; filename="{name}.{renderer.format}"'
    return answer


def _content_type(renderer: TableRenderer) -> str:
    return "text/csv; charset=utf-8; header=present" if renderer.format == "csv" else renderer.media_type


def _records(table: pa.Table) -> bytes:
    names = table.column_names
    columns = [column.to_pylist() for column in table.itercolumns()]  # NaN becomes null in orjson
    return to_json([dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)])


def _csv(table: pa.Table) -> bytes:
    for number, field in enumerate(table.schema):
        table = table.set_column(number, safe_text(field.name), _safe_column(table.column(number)))
    out = io.BytesIO()
    pa_csv.write_csv(table, out)
    return out.getvalue()


def _safe_column(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Texts that a spreadsheet would run as a formula get an apostrophe; numbers stay numbers."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        chunks = [_safe_dictionary(chunk) for chunk in column.chunks]
        return pa.chunked_array(chunks, kind) if chunks else column
    if pa.types.is_string(kind):
        return pa.array([safe_text(text) for text in column.to_pylist()], pa.string())
    if pa.types.is_list(kind):
        return pa.array([None if v is None else " ".join(v) for v in column.to_pylist()], pa.string())
    return column


def _safe_dictionary(chunk: pa.DictionaryArray) -> pa.DictionaryArray:
    words = pa.array([safe_text(text) for text in chunk.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(chunk.indices, words)


def safe_text(text: str | None) -> str | None:
    return f"'{text}" if text and text.startswith(_FORMULA) else text


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pa_parquet.write_table(table, out, compression="snappy", use_dictionary=_texts(table))
    return out.getvalue()


def _texts(table: pa.Table) -> list[str]:
    """Dictionaries pay for repeated words, not for measured numbers."""
    return [field.name for field in table.schema if not pa.types.is_floating(field.type)]


def _arrow(table: pa.Table) -> bytes:
    """The Arrow file format (Feather 2): ``pandas.read_feather`` and ``pyarrow.ipc.open_file`` read it.

    LZ4 as Feather does: repeated words shrink to nothing, so writing takes a third of the time.
    """
    return _written(pa.ipc.new_file, table, options=pa.ipc.IpcWriteOptions(compression="lz4"))


def _stream(table: pa.Table) -> bytes:
    return _written(pa.ipc.new_stream, table)


def _written(opened, table: pa.Table, **settings) -> bytes:
    out = io.BytesIO()
    with opened(out, table.schema, **settings) as writer:
        writer.write_table(table)
    return out.getvalue()


_BODY = {"json": _records, "csv": _csv, "parquet": _parquet, "arrow": _arrow, "arrows": _stream}
