"""Interfaces for programs. Nothing here looks at the cookie of a browser."""
