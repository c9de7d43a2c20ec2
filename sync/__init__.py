"""Whoever uses this decides where its log goes; nobody else is to read it on a terminal."""

import logging

logging.getLogger(__name__).addHandler(logging.NullHandler())
