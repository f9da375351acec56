"""Students: one person over the years, known by school and UPN or MIS id."""
