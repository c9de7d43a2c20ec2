"""The recovery card on paper: drawn, shown for printing or saved."""

from app.printing import recovery_card
from app.printing.kit.page import Imprint
from models.kit import clock


def draw(code: str, *, station: str, office_code: str, by: str, phone: str) -> bytes:
    """The PDF; takes half a second the first time."""
    imprint = Imprint(
        station=station, printed_at=clock.now(), printed_by=by, phone=phone, purpose="存保险柜"
    )
    today = clock.today()
    return recovery_card.draw(
        recovery_card.RecoveryCard(
            imprint=imprint,
            code=code,
            made_on=today,
            serial=f"{office_code}-{today:%Y%m%d}",
            office_code=office_code,
        )
    )
