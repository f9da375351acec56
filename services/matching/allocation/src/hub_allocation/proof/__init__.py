"""What prices and lists prove, without a solver: numpy only, so that whoever checks loads nothing else."""
