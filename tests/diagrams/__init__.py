"""The process library."""
