"""Errors of the synthetic hand.

AslError, ValueError
└── SyntheticError
    ├── UnknownLetterError      a letter that the alphabet table does not hold
    ├── JointLimitError         a joint bent further than a hand allows
    └── ParameterError          any other argument out of its range
"""

from asl_core.errors import AslError


class SyntheticError(AslError, ValueError):
    """Base of all errors raised by this package; every one is a ValueError too."""


class UnknownLetterError(SyntheticError):
    """A letter that the alphabet table does not hold."""


class JointLimitError(SyntheticError):
    """A joint angle outside its anatomical range."""


class ParameterError(SyntheticError):
    """An argument outside its documented range."""


def require(condition: bool, argument: str, expected: str, received: object) -> None:
    """Raise a ParameterError that names `argument` unless `condition` holds."""
    if not condition:
        raise ParameterError(f"{argument} must be {expected}. Received: {argument}={received!r}")
