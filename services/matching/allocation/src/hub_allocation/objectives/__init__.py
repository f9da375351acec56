"""What "best" means: one module for each objective of a policy."""
