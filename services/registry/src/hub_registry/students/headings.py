"""What schools' information systems write for our columns and codes: only what can mean one thing.

``docs/exchange.md`` says which system writes which. Whether a heading is right here is one question: could a file have
it for something else? "Email" alone could be a parent's, "School Email" the office's, "Status" anything: not here.
"""

from collections.abc import Mapping
from typing import Final

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "upn": (
        "Unique Pupil Number",
        "UPN Number",
    ),
    "mis_id": (
        "MIS ID",
        "Admission Number",
        "Admission No",
        "Adm No",
        "Adno",
        "Student ID",
        "Pupil ID",
        "Arbor Student ID",
    ),
    "first_name": (
        "First Name",
        "Forename",
        "Legal Forename",
        "Legal First Name",
        "Preferred Forename",
        "Preferred First Name",
        "Chosen Forename",
    ),
    "last_name": (
        "Last Name",
        "Surname",
        "Legal Surname",
        "Legal Last Name",
        "Preferred Surname",
        "Preferred Last Name",
        "Chosen Surname",
    ),
    "date_of_birth": (
        "Date of Birth",
        "DOB",
        "Birth Date",
    ),
    "year_group": (
        "Year Group",
        "Year",
        "NC Year",
        "National Curriculum Year",
        "Curriculum Year",
        "Year Taught In",
    ),
    "gender": (
        "Sex",
        "Legal Sex",
    ),
    "home_postcode": (
        "Home Postcode",
        "Postcode",
        "Post Code",
        "Home Post Code",
    ),
    "email": (
        "Student Email",
        "Student Email Address",
        "Pupil Email",
    ),
    "free_school_meals": (
        "Free School Meals",
        "FSM",
        "FSM Eligible",
        "FSM Eligibility",
        "Eligible for Free School Meals",
        "Eligible for FSM",
    ),
    "send_status": (
        "SEN Status",
        "SEND Status",
        "SEN Code",
        "SEN Status Code",
        "SEN Provision",
    ),
    "school_urn": (
        "URN",
        "School URN",
        "Establishment URN",
    ),
}
"""Column -> headings taken for it."""

SEN: Final = {
    "no special educational need": "N",
    "no special educational needs": "N",
    "no sen": "N",
    "none": "N",
    "sen support": "K",
    "education, health and care plan": "E",
    "education health and care plan": "E",
    "ehc plan": "E",
    "ehcp": "E",
}
"""What information systems write for the codes of the school census."""
