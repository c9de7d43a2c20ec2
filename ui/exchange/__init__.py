"""Where app and sync meet: an open installation's exchange, for commands and screens alike."""
