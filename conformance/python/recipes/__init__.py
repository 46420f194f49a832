"""The cookbook's recipes, unmodified, against a server of ours: their data, their commands, what came of them."""
