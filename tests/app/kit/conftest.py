"""Vaults that open quickly, and a station set up once and copied: neither is what tests are for."""

from tests.app.life import made_station, quick_vault, station_home

__all__ = ["made_station", "quick_vault", "station_home"]
