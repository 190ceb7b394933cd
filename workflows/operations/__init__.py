"""Running the installation: what stands still and why, trying again, mending data by two people, where cases wait.

Administrators decide no cases (domain brief, separation of duties): they see numbers of cases and the state of their
processes, never what a file says.
"""
