"""The published rules of a round: the keys of policy.toml, with its defaults."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub_schemas.credit import credit_fault

RankCosts = tuple[Annotated[int, Field(ge=0, le=1_000_000)], ...]


class Policy(BaseModel):
    """What an allocation is to be, before anybody knows what it will be; unknown keys are refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    objective: Literal["balanced", "rank_maximal", "stable"] = "balanced"
    rank_cost: Literal["quadratic", "linear"] | Annotated[RankCosts, Field(min_length=1)] = Field(
        default="quadratic", description="(rank-1)^2, rank-1, or the cost of rank 1, 2, ...; the last repeats"
    )
    places_per_student: int = Field(default=1, ge=1, le=20)
    use_interests: bool = False
    default_max_travel_minutes: int = Field(default=60, ge=0, le=600, description="One way, door to door")
    reserved_priority: int = Field(default=1000, ge=0, le=1000)
    variety: Literal["off", "prefer", "require"] = "off"
    travel: Literal["auto", "file"] = "auto"
    lottery_seed: str = Field(default="0", max_length=256, description="One a round, the same for all its runs")
    time_limit_seconds: int = Field(default=300, ge=1, le=86_400)
    credit_unplaced: int = Field(
        default=0, ge=0, le=1000, description="Points of priority for each earlier round without a placement"
    )
    credit_per_rank: int = Field(
        default=0, ge=0, le=1000, description="Points for each rank below the first in each earlier round"
    )
    credit_most: int = Field(default=1000, ge=0, le=1000, description="Most points over all earlier rounds")

    @model_validator(mode="after")
    def _credit_holds_together(self) -> Self:
        if fault := credit_fault(self.credit_unplaced, self.credit_per_rank):
            raise ValueError(f"credit_per_rank {fault}")
        return self
