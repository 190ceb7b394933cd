"""Full-text search over what a person may see: cases, parties, documents, materials and remarks.

    words.py        what of a text counts, and how a question is cut into words
    entries.py      the index: one row for each text, its grams in FTS5 (SQLite) or a tsvector (PostgreSQL)
    sources.py      which rows are indexed, and with which words; hangs on their writing
    sight.py        which entries a person may see
    naming.py       which cases a word of several names
    answers.py      a page of what was found, and how much of each kind
    excerpts.py     the place in a text where the words stand
    reading.py      the text of a file, read by a process of its own
    materials.py    the worker's part: texts of files into the index
    rebuilding.py   the whole index anew

docs/decisions/0021-search.md says why it is made so.
"""
