"""Everything from an instrument file to a number and a plot.

The walk of a file, in the order in which its code can be read:

1. ``services.upload`` streams the bytes into the store and commits an Upload with a queued Reading.
2. A worker claims the Reading (``queue``), and ``readers.read`` turns the bytes into values
   (``spectrum``, ``decay``, ``atomic_fractions``) in a limited child process. The values are stored
   as Measurements and Traces, and the analyses that the technique calls for are queued.
3. A worker claims analyses of one method; ``pipeline`` runs ``analysis.METHODS[method]`` on their
   values and writes the Quantities in one transaction.
4. ``selectors`` answer pages and API; ``plots`` draws what a selector returned.

``spectrum``, ``decay``, ``atomic_fractions``, ``conditions``, ``notes``, ``readers``, ``analysis`` and ``plots``
know no Django: they can be imported in a notebook. This file imports nothing, so that they stay so.
"""
