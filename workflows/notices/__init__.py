"""How notices reach people outside of the page: by e-mail and by webhook, each person as they chose.

`docs/decisions/0014-notices.md` says what goes out when, what it may say, and how often it is tried.
"""
