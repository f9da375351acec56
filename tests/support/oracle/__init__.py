"""An independent answer to a round: the specification read literally, sharing no code with the library.

problem.py     a round's rows as pairs, slots, limits: dates, ages, draws and rules written again, the slow way
rules.py       what an allocation breaks, and what it comes to in each level
exhaustive.py  every allocation tried: exact, for a handful of students
stable.py      every stable matching found, and the one the students like best
formulation.py the same rules as a mixed-integer program, solved level after level
highs.py       HiGHS in a process of its own (its symbols clash with OR-Tools'), one line of JSON for each question
asking.py      the other end of that pipe
generated.py   random rounds that use any of the rules, by seed
"""
