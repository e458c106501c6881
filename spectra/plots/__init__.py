"""Figures: values in, Plotly figure out (a plain dict, ready for JSON). One module per figure; nothing here knows Django.

Arrays travel as base64 typed arrays (``figure.array``), which costs a thousandth of the time of plain lists. Colours of
paper, ink and grid are the page's; a figure only names what carries meaning.
"""
