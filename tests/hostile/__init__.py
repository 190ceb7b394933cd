"""Hostile input: whatever comes from outside is read or refused; nothing runs, leaks, hangs or grows."""
