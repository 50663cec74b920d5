"""The jobs of a run as columns: the same numbers as from records, for any number of jobs."""
