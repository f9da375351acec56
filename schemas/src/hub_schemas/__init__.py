"""The contract on the wire: events, ids, topics, policy, tables. Services share nothing else."""
