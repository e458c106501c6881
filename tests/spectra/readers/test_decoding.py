import pytest

from spectra.readers.decoding import decode, peek
from spectra.readers.reading import UnreadableFile
from tests.spectra.readers.samples import refusal


@pytest.mark.parametrize(
    ("text", "written", "understood"),
    [
        ("plain", "ascii", "ascii"),
        ("λ/nm, 5 µm", "utf-8", "utf-8"),
        ("波長/nm", "utf-8-sig", "utf-8"),
        ("波長\t吸光度\n400\t0.1\n" * 20, "utf-16-le", "utf-16-le"),
        ("Wavelength\tAbs\n400\t0.1\n", "utf-16-be", "utf-16-be"),
        ("Wavelength\tAbs\n400\t0.1\n", "utf-16", "utf-16-le"),
        ("XYDATA\n" + "400\t0.1\n" * 3000 + "[コメント情報]\n試料名\ttest\n", "cp932", "cp932"),
        ("Température 25 °C, dérivé n° 3, 5 µm", "cp1252", "cp1252"),
        ("the sample’s – “best” – ﬁt".replace("ﬁ", "fi"), "cp1252", "cp1252"),
    ],
)
def test_text_comes_back_in_the_encoding_it_was_written_in(text, written, understood):
    assert decode(text.encode(written)) == (text, understood)


def test_nul_padding_after_the_text_is_dropped():
    assert decode(b"400\t0.1\n" + b"\x00" * 300)[0] == "400\t0.1\n"


def test_a_japanese_character_cut_at_the_end_of_the_file_does_not_spoil_the_rest():
    text, encoding = decode("試料名\tペロブスカイト".encode("cp932")[:-1])
    assert encoding == "cp932"
    assert text.startswith("試料名\tペロブスカイ")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "is_empty"),
        (b"\x00" * 100, "is_empty"),
        (b" \r\n\t\n", "is_empty"),
        (b"\xef\xbb\xbf \n", "is_empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image_damaged"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image_damaged"),
        (b"PK\x03\x04\x14\x00[Content_Types].xml", "is_archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "is_binary"),
        (bytes(range(256)) * 40, "is_binary"),
        (b"Just a stray line of prose.", "not_recognised"),
    ],
)
def test_what_is_no_text_of_numbers_is_refused_with_its_own_sentence(data, code):
    assert refusal(data) == code


def test_binary_bytes_inside_a_text_are_refused():
    with pytest.raises(UnreadableFile):
        decode(b"Wavelength\tAbs\n" + b"\x01\x02\x03" * 50)


def test_a_piece_of_a_file_can_be_looked_at_even_when_it_cuts_a_character():
    assert peek("TITLE\t試料".encode("cp932")[:-1]).startswith("TITLE\t試")


def test_a_text_with_stray_bytes_is_not_called_binary():
    lines = b"".join(b"%d.0\t0.1%d\n" % (400 + k, k) for k in range(50))
    assert refusal(lines.replace(b"\n41", b"\n\x0141"), "a.txt") == "stray_bytes"
    assert refusal(bytes(range(256)) * 20, "a.txt") == "is_binary"
