"""Frozen inputs: what a round's schools, students, slots and wishes were at the moment it closed."""
