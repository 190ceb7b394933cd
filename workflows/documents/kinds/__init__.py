"""The kinds of documents, one module each: what its content holds, and how officials word it.

A content is a frozen dataclass with `from_json`, `title`, `subject` and `blocks()`. Its fields are described in the
dataclass; the JSON has the same names, days as YYYY-MM-DD, moments in ISO 8601 with zone, amounts in fen.
"""
