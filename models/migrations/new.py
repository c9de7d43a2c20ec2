"""``poe migration "add visit"``: the next numbered revision, by comparing with the models."""

from argparse import ArgumentParser

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from models.migrations.run import config, upgrade


def main(words: str) -> None:
    """Compare an empty database at the newest revision with the models and write the difference."""
    number = len(list(ScriptDirectory.from_config(config()).walk_revisions())) + 1
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade(connection)
        command.revision(
            config(connection), message=words, autogenerate=True, rev_id=f"{number:04d}"
        )


if __name__ == "__main__":
    asked = ArgumentParser(description=__doc__)
    asked.add_argument("words", help="what changed, in a few words")
    main(asked.parse_args().words)
