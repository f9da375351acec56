"""The sample region: real schools and postcodes, and an invented population that is the same on every machine."""

from hub_deploy.sample.generate import SEED, generate
from hub_deploy.sample.model import Sample, Scale

__all__ = ["SEED", "Sample", "Scale", "generate"]
