"""The lists of the desk: which tasks stand on them, for whom, filtered, in what order, with which columns.

    kinds.py      the lists and the query of each
    criteria.py   filters over case and task
    order.py      sort keys
    pages.py      a page of a list, counts, the rows with everything a line shows
    onward.py     what comes next after a task is done
    workload.py   who holds how much, for heads
    columns.py    the columns of a list, one's own choice of them
    saved.py      filters with a name, one's own and shared ones

Queries read rows only and never touch the engine.
"""
