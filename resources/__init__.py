"""What the program carries beside its code: code tables, fonts, icons, look, policies, help."""

from pathlib import Path

VERSION = "0.1.0"
"""Of the program, as in pyproject.toml; reading it from the installed package takes 50 ms."""


def path(*parts: str) -> Path:
    """A bundled file: ``path("codes", "SEX.csv")``.

    PyInstaller sets ``__file__`` of a frozen package to its place inside the bundle, so the
    same line serves the source tree, the wheel and the frozen program.
    """
    return Path(__file__).parent.joinpath(*parts)
