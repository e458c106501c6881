import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.readers.number_block import MAX_NUMBERS, parse_number, printed_number
from spectra.readers.reading import UnreadableFile
from spectra.readers.text import find_block, find_blocks, open_text


def block_of(text: str):
    return find_block(open_text(text.encode()))


@pytest.mark.parametrize(
    "text",
    ["1_000", "１", "٣", "nan", "inf", "0x10", "1e", "e5", ".", "+", "", "1,5", "1.5.3", "--1", "1 2", "1e999", "1d3"],
)
def test_what_is_not_strictly_a_number_is_none(text):
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "value"), [("1,5", 1.5), ("-,5e-3", -5e-4), ("7", 7.0), ("1.5", None), ("400,", None)]
)
def test_a_decimal_comma_needs_a_digit_behind_it_and_allows_no_point(text, value):
    assert parse_number(text, ",") == value


def test_a_header_number_may_carry_either_mark():
    assert (printed_number("0,512"), printed_number(" 0.512 "), printed_number("1.000,5")) == (0.512, 0.512, None)


finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(finite)
def test_any_number_written_by_python_is_read_back_exactly(value):
    assert parse_number(repr(value)) == value
    assert parse_number(repr(value).replace(".", ","), ",") == value


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(finite, finite, finite), min_size=3, max_size=30),
    st.sampled_from(
        [("\t", "."), ("\t", ","), (";", "."), (";", ","), (",", "."), (" ", "."), ("   ", ","), ("; ", ",")]
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_a_written_table_is_read_back_bit_by_bit(rows, convention, line_end, trailing):
    separator, mark = convention
    lines = [separator.join(repr(value).replace(".", mark) for value in row) for row in rows]
    if trailing and separator.strip(" "):
        lines = [line + separator for line in lines]
    block = block_of("a header\n" + line_end.join(lines) + line_end)
    assert np.array_equal(block.rows, np.array(rows))
    assert block.n_columns == 3


@pytest.mark.parametrize(
    ("rows", "separator", "mark"),
    [
        ("700\t0,1\n701\t0,2\n", "tab", ","),
        ("700,5\t0,1\n701,0\t0,2\n", "tab", ","),
        ("700;0,1\n701;0,2\n", "semicolon", ","),
        ("700,0.1\n701,0.2\n", "comma", "."),
        ("700, 1\n701, 2\n", "comma", "."),
        ("700 0,1\n701 0,2\n", "space", ","),
        ("  700.0   0.1\n  701.0  0.2\n", "space", "."),
        ('"700,0","0,1"\n"701,0","0,2"\n', "comma", ","),
        ('"700,0"\t"0,1"\n"701,0"\t"0,2"\n', "tab", ","),
    ],
)
def test_separator_and_decimal_mark_are_decided_together(rows, separator, mark):
    block = block_of(rows)
    assert (block.separator, block.decimal_mark, block.n_columns) == (separator, mark, 2)
    assert block.rows[0, 0] in (700, 700.5)


def test_empty_cells_and_words_for_nothing_are_nan_and_keep_their_column():
    block = block_of("1\t2\t3\n4\t\t6\n7\tNaN\t9\n10\tOVER\t12\n13\t---\t15\n16\t-inf\t18\n19\t#N/A\t21\n")
    assert np.array_equal(block.rows[:, 2], [3, 6, 9, 12, 15, 18, 21])
    assert np.isnan(block.rows[1:, 1]).all()


def test_columns_that_are_empty_everywhere_are_left_out():
    block = block_of("\t1\t2\t\t\n\t3\t4\t\t\n\t5\t6\t\t\n")
    assert (block.n_columns, block.n_leading_blank) == (2, 1)


def test_thousands_separators_are_not_understood_as_anything():
    assert block_of("1,234.5\t1,234.5\n1,235.5\t1,235.5\n1,236.5\t1,236.5\n") is None


@pytest.mark.parametrize("row", ["7０0\t0.1", "1_000\t0.1", "700\t0x1"])
def test_a_row_with_a_foreign_number_ends_the_block(row):
    blocks = find_blocks(open_text(f"1\t2\n3\t4\n5\t6\n{row}\n7\t8\n9\t10\n".encode()))
    assert [block.rows[:, 0].tolist() for block in blocks] == [[1, 3, 5], [7, 9]]


def test_a_number_too_large_for_a_float_is_a_bad_row():
    with pytest.raises(UnreadableFile) as caught:
        block_of("1\t2\n" * 500 + "3\t1e999\n" + "5\t6\n" * 500)
    assert caught.value.note.code == "bad_row"
    assert caught.value.note.values["line"] == 501


def test_more_numbers_than_allowed_are_refused_before_they_are_parsed():
    n_rows = MAX_NUMBERS // 10 + 1
    with pytest.raises(UnreadableFile) as caught:
        find_blocks(open_text(b"1 2 3 4 5 6 7 8 9 0\n" * n_rows))
    assert caught.value.note.code == "too_many_numbers"


def test_rows_beyond_one_chunk_are_read_in_order():
    rows = "".join(f"{i},{i * 2}.5\n" for i in range(45_000))
    block = block_of(rows)
    assert np.array_equal(block.rows[:, 0], np.arange(45_000))
    assert np.array_equal(block.rows[:, 1], np.arange(45_000) * 2 + 0.5)
