"""A service of the tests' own: it notes each slot it hears of, and answers with a fact."""
