"""The faces of official documents: where they come from (build.py) and which one draws a character (faces.py)."""
