"""One linear history for station and centre, SQLite and PostgreSQL."""
