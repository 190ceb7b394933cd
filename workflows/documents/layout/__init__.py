"""Lays out official documents on the page of GB/T 9704-2012: grid, lines, tables, pages, paint.

Everything up to the last module only measures; paint.py is the only one that draws.
"""
