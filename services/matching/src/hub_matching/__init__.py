"""The matching service: holds frozen inputs, queues runs, solves them in processes of their own, tells the results."""
