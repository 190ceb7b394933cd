"""Golden replay: what every release stored is loaded and finished by the program as it is now."""
