"""The commands of `fashen`, one module for each group."""
