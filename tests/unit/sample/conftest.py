"""One pilot sample for all tests of this folder: it is frozen, and takes seconds to make."""

import pytest

from hub_deploy.sample import Sample, Scale, generate


@pytest.fixture(scope="session")
def pilot() -> Sample:
    return generate(Scale.PILOT)
