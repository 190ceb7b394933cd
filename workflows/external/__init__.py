"""External tasks: steps of a diagram that a machine outside does, and the accounts of those machines.

A service or send task with a topic waits until a worker of that topic has done it. Here are the rows in which such
tasks wait, the accounts with their tokens, and how values travel; what workers may do is in `workflows.machines`.
"""
