"""Processes tried before they are published: the real commands on a throw-away bureau in memory (decisions/0018).

sandbox.py   the throw-away bureau; people.py: who is in it; scene.py: a play in it, move by move;
sample.py    answers that fill a form; references.py: those that can be given again;
plays.py     the plays that administrators keep; tests.py: plays as tests of a process, and their runs
"""
