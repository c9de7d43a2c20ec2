"""What people agreed to (告知与同意): recorded once, withdrawn, never deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import attachment, office, person, printed
from app.kit.refusal import Refusal
from app.printing import privacy_notice
from models.consent import Consent
from models.kit import clock, codes, masks
from models.kit.among import among
from models.kit.fields import Mask
from models.kit.ids import new_id

TOLD = "1"  # of CONSENT_KIND: everybody signs first that they were told


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One signature and what it covers."""

    id: str
    kinds: tuple[str, ...]
    signed_on: date | None
    text_version: str
    withdrawn_on: date | None


def record_consent(
    session: Session,
    retiree_id: str,
    kinds: Sequence[str],
    signed_on: date,
    text_version: str = "",
    *,
    pictures: Sequence[attachment.New] = (),
) -> str:
    """A person signed for these matters; the pictures show the paper, which may be on file."""
    who = person.cared_for(session, retiree_id, "登记同意事项")
    if not kinds:
        raise Refusal("请至少选一项同意的事项", "kinds")
    if any(one not in codes.table("CONSENT_KIND") for one in kinds):
        raise Refusal("同意事项里有不认识的项目，请重新选择", "kinds")
    person.not_later(signed_on, "签署日期", "signed_on", who.birth_on)
    made = Consent(
        id=new_id(),
        retiree_id=who.id,
        kinds=list(kinds),
        signed_on=signed_on,
        text_version=text_version or None,
    )
    session.add(made)
    new = attachment.not_hung(session, who.id, pictures)
    if new:
        attachment.attach(session, who.id, new)
    return made.id


def notices(session: Session, retiree_ids: Sequence[str]) -> privacy_notice.Notices:
    """The paper that everybody reads and signs once, a sheet for each of them."""
    here, known = office.here(session), office.names(session)
    people = [person.cared_for(session, one, "打印告知书") for one in retiree_ids]
    return privacy_notice.Notices(
        printed.imprint(session, "告知"),
        tuple(privacy_notice.Person(one.name, masks.masked(Mask.ID, one.id_no)) for one in people),
        centre=known.get(office.above(session).get(here.id, ""), ""),
        address=here.address or "",
    )


def unsigned(session: Session, retiree_ids: Sequence[str]) -> list[str]:
    """Those of them who have not signed that they were told."""
    rows = session.execute(
        select(Consent.retiree_id, Consent.kinds).where(
            among(Consent.retiree_id, retiree_ids),
            Consent.is_void.is_(False),
            Consent.withdrawn_on.is_(None),
        )
    )
    signed = {row.retiree_id for row in rows if TOLD in (row.kinds or ())}
    return [one for one in retiree_ids if one not in signed]


def withdraw(session: Session, consent_id: str) -> None:
    """The person takes it back; the paper stays on file."""
    found = session.get(Consent, consent_id)
    if found is None or found.is_void:
        raise Refusal("这份同意书已经不在了，请刷新")
    if found.withdrawn_on is not None:
        raise Refusal(f"这份同意书 {found.withdrawn_on} 已经撤回")
    found.withdrawn_on = clock.today()


def consents(session: Session, retiree_id: str) -> list[ConsentRow]:
    """Everything the person signed, newest first."""
    rows = session.scalars(
        select(Consent)
        .where(Consent.retiree_id == retiree_id, Consent.is_void.is_(False))
        .order_by(Consent.signed_on.desc(), Consent.id)
    )
    return [
        ConsentRow(
            one.id, tuple(one.kinds or ()), one.signed_on, one.text_version or "", one.withdrawn_on
        )
        for one in rows
    ]
