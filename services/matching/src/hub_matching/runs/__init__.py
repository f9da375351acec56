"""Runs and the queue of jobs: who may solve what, for how long, and whose result counts."""
