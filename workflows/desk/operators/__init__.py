"""What is done with a step besides completing it: one command an operator (docs/decisions/0010-desk-operators.md)."""
