"""Which tables there are to download, for whom, with which columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub_registry.access.principal import Role

_STUDENTS: Final = """
    SELECT s.student_id, s.school_id, s.mis_id, s.upn, s.first_name, s.last_name, s.date_of_birth, s.year_group,
           s.gender, s.home_postcode, s.email, s.free_school_meals, s.send_status, s.access_needs, s.travel_modes,
           s.max_travel_minutes, s.available, s.interests, s.past_sectors, s.excluded_employers, s.companion_mis_id,
           s.consent
      FROM student s
     WHERE s.left_at IS NULL
     ORDER BY s.school_id, s.mis_id
"""
_PREFERENCES: Final = """
    SELECT r.name AS round, s.student_id, s.school_id, s.mis_id, p.rank, l.slot_ref, l.title
      FROM preference p
      JOIN round r ON r.round_id = p.round_id
      JOIN student s ON s.student_id = p.student_id
      JOIN slot l ON l.slot_id = p.slot_id
     ORDER BY r.name, s.school_id, s.mis_id, p.rank, l.slot_ref
"""
_PLACEMENTS: Final = """
    SELECT r.name AS round, s.student_id, s.school_id, s.mis_id, s.first_name, s.last_name, l.slot_ref, l.title,
           l.dates, e.name AS employer, p.rank, p.minutes, p.mode_used, l.state AS slot_state
      FROM round r
      JOIN placement p ON p.run_id = r.published_run_id
      JOIN student s ON s.student_id = p.student_id
      JOIN slot l ON l.slot_id = p.slot_id
      JOIN employer e ON e.employer_id = p.employer_id
     ORDER BY r.name, s.school_id, s.mis_id, l.slot_ref
"""
# Shaped for Compass+ (services/registry/docs/exchange.md): one line for each student and activity. It is what they are
# down for, without what the employer has withdrawn since; whether it took place is not known here.
_COMPASS: Final = """
    SELECT s.student_id, s.upn AS "UPN", s.first_name AS "Forename", s.last_name AS "Surname",
           s.year_group AS "Year group", l.title AS "Activity",
           CASE l.kind WHEN 'placement' THEN 'Work experience' WHEN 'visit' THEN 'Workplace visit'
                       WHEN 'tour' THEN 'Workplace tour' ELSE 'Employer talk' END AS "Activity type",
           CASE l.kind WHEN 'talk' THEN 5 ELSE 6 END AS "Gatsby benchmark",
           e.name AS "Organisation", l.sector AS "Sector", l.mode AS "Mode",
           to_char(l.first_date, 'DD/MM/YYYY') AS "Start date", to_char(l.last_date, 'DD/MM/YYYY') AS "End date",
           'Planned' AS "Status", l.slot_ref AS "Reference"
      FROM round r
      JOIN placement p ON p.run_id = r.published_run_id
      JOIN student s ON s.student_id = p.student_id
      JOIN slot l ON l.slot_id = p.slot_id AND l.state = 'published'
      JOIN employer e ON e.employer_id = p.employer_id
     WHERE s.left_at IS NULL
     ORDER BY l.first_date, l.slot_ref, s.last_name, s.first_name, s.student_id
"""
_UNPLACED: Final = """
    SELECT r.name AS round, s.student_id, s.school_id, s.mis_id, s.first_name, s.last_name, u.reason
      FROM round r
      JOIN unplaced u ON u.run_id = r.published_run_id
      JOIN student s ON s.student_id = u.student_id
     ORDER BY r.name, s.school_id, s.mis_id
"""
_SLOTS: Final = """
    SELECT g.name AS programme, l.slot_ref, e.employer_ref, e.name AS employer, l.title, l.sector, l.kind, l.mode,
           l.postcode, l.dates, l.capacity, l.min_group, l.max_per_school, l.single_school, l.min_age, l.year_groups,
           l.access_provided, l.reserved, l.state
      FROM slot l
      JOIN employer e ON e.employer_id = l.employer_id
      JOIN programme g ON g.programme_id = l.programme_id
     ORDER BY g.name, l.slot_ref
"""
_OFFERED: Final = """
    SELECT g.name AS programme, l.slot_ref, e.name AS employer, l.title, l.sector, l.kind, l.mode, l.postcode, l.dates,
           l.min_age, l.year_groups, l.access_provided
      FROM slot l
      JOIN employer e ON e.employer_id = l.employer_id
      JOIN programme g ON g.programme_id = l.programme_id
     WHERE l.state = 'published' AND e.verified_at IS NOT NULL
     ORDER BY g.name, l.slot_ref
"""
_COMING: Final = """
    SELECT r.name AS round, l.slot_ref, l.title, l.dates, h.first_name, h.year_group, h.access_needs
      FROM hosted_student h
      JOIN round r ON r.round_id = h.round_id
      JOIN slot l ON l.slot_id = h.slot_id AND l.state = 'published'
     ORDER BY r.name, l.slot_ref, h.first_name, h.student_id
"""
_EMPLOYERS: Final = """
    SELECT employer_ref, name, sector, postcode, contact_name, contact_email, insurance_valid_until, risk_band,
           max_at_once, verified_at
      FROM employer
     ORDER BY employer_ref
"""
_SCHOOLS: Final = "SELECT school_id, name, la, postcode, phase, gender, status FROM school ORDER BY school_id"
_SUBMISSIONS: Final = """
    SELECT r.name AS round, b.school_id, c.name AS school, b.submitted_at, b.students, b.preferences
      FROM submission b
      JOIN round r ON r.round_id = b.round_id
      JOIN school c ON c.hub_id = b.hub_id AND c.school_id = b.school_id
     ORDER BY r.name, b.school_id
"""
_RUNS: Final = """
    SELECT r.name AS round, n.run_id, n.state, n.requested_at, n.solved_at, n.published_at,
           n.report -> 'placements' AS placements, n.report -> 'unplaced' AS unplaced, n.report -> 'levels' AS levels
      FROM run n
      JOIN round r ON r.round_id = n.round_id
     ORDER BY r.name, n.run_id
"""


@dataclass(frozen=True, slots=True)
class DownloadTable:
    """One table: its file's name, what it is for a person, and its rows."""

    name: str
    words: str
    query: str
    of_students: bool = False
    """Whether its rows are students' records: then each download is a view of them."""
    kept_back: Sequence[str] = ()
    """Columns that are read and not given."""


_FOR_SCHOOLS: Final = (
    DownloadTable("students", "Students: everything that is kept of them", _STUDENTS, of_students=True),
    DownloadTable("preferences", "Preferences, of every round", _PREFERENCES, of_students=True),
    DownloadTable("placements", "Placements, of published rounds", _PLACEMENTS, of_students=True),
    DownloadTable(
        "unplaced", "Students without a place, of published rounds, with the reason", _UNPLACED, of_students=True
    ),
)
TABLES: Final[Mapping[Role, Sequence[DownloadTable]]] = {
    Role.ADVISER: (
        *_FOR_SCHOOLS,
        DownloadTable(
            "compass",
            "For Compass+: what your students are down for, of published rounds, with the Gatsby benchmark",
            _COMPASS,
            of_students=True,
            kept_back=("student_id",),
        ),
        DownloadTable("slots", "Slots that are offered", _OFFERED),
    ),
    Role.EMPLOYER: (
        DownloadTable("slots", "Your slots", _SLOTS),
        DownloadTable("coming", "Who is coming, of published rounds", _COMING),
    ),
    Role.HUB: (
        *_FOR_SCHOOLS,
        DownloadTable("slots", "Slots", _SLOTS),
        DownloadTable("employers", "Employers", _EMPLOYERS),
        DownloadTable("schools", "Schools", _SCHOOLS),
        DownloadTable("submissions", "When each school submitted", _SUBMISSIONS),
        DownloadTable("runs", "Runs and their levels", _RUNS),
    ),
    Role.OPERATOR: (),
}
