"""The product with two sources, as the tests of the intake have it."""

from tests.intake.conftest import desk, door

__all__ = ["desk", "door"]
