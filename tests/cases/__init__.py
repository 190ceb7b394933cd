"""The five published cases, played through the real commands."""
