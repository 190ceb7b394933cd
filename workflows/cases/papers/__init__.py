"""Contents of official documents, built from the case file: nothing is typed twice."""
