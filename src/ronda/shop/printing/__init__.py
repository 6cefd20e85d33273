"""Tickets on paper: the template language, papers, where everything lies, and its SVG and PDF.

`template`, `paper`, `measure`, `arrange` and `codes` are pure. Both back ends draw the same items at the same
millimetres, so the preview, the browser's print and the PDF cannot differ.
"""
