"""The desk's operators against a small model of what they mean, on random diagrams (issue 4; decision 0010)."""
