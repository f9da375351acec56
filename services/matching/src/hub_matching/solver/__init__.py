"""The solver: workers that claim jobs and the child processes in which OR-Tools runs."""
