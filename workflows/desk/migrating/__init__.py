"""Moving running cases to another version of their process: plans, trial, the move itself, the worker's part."""
