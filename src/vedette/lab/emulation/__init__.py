"""Carrying attack tests out on this machine, harmlessly, and recording what is seen of them."""

from vedette.lab.emulation.run import CannotEmulate, Recording, emulate, tests_of, why_not

__all__ = ["CannotEmulate", "Recording", "emulate", "tests_of", "why_not"]
