"""Every number of the article that can be recomputed comes out of QDLab, the ones it disagrees with included."""

import pytest

from tests.accuracy import paper

ROWS = paper.rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_what_was_recomputed_independently_comes_out(row):
    assert row.agrees, (row.found, row.recomputed)


def test_the_table_says_where_the_article_disagrees():
    text = "\n".join(paper.text())
    assert "2.231" in text and "**disagrees**" in text
    assert "*not found by QDLab*" not in text
