"""The stages of a run, one a file; each takes the run's folder and its data, gives remarks."""
