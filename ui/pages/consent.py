"""登记同意事项: what a person signed for, with the paper."""

from collections.abc import Mapping
from typing import Any

from app import consent, retiree
from app.attachment import CONSENT, New
from app.kit.run import Acted, acted
from models.consent import Consent
from models.kit import clock, codes
from models.kit.fields import Fact
from ui.kit.context import Context
from ui.kit.editors import Several
from ui.kit.form import Form, Group, Item
from ui.kit.form_dialog import Done, FormDialog, Refused
from ui.kit.pictures import Pending


def dialog(context: Context, *, retiree_id: str) -> "ConsentDialog":
    """One more signature of the person."""
    return ConsentDialog(context, retiree_id)


class ConsentDialog(FormDialog):
    """Today and what is not signed yet is proposed."""

    def __init__(self, context: Context, retiree_id: str) -> None:
        items = (
            Item(Consent.kinds, "同意哪些事", wide=True, make=_kinds),
            Item(Consent.signed_on),
            Item(Consent.text_version, hint="告知书页脚印的版本，如 2026-11；没有就空着"),
        )
        super().__init__(context, "登记同意事项", Form((Group("", items),)), width=760)
        self.retiree_id, self.name = retiree_id, ""
        self.pictures = Pending(context.work, "签字的告知书、同意书", paper=True)
        self.pictures.changed.connect(self._fit_pictures)
        self.add(self.pictures)
        self.saved.connect(self._tell)
        context.work.ask(retiree.person, retiree_id, done=self._present)

    def _present(self, person: retiree.Person) -> None:
        self.name = person.name
        self.subtitle.setText(f"{person.name} 本人签字同意以后登记；以后可以撤回")
        self.subtitle.show()
        given = {kind for one in person.consents if not one.withdrawn_on for kind in one.kinds}
        kinds = [] if consent.TOLD in given else [consent.TOLD]
        self.start({"kinds": kinds, "signed_on": clock.today()})
        self.fit()

    def _fit_pictures(self) -> None:
        self.save_button.setEnabled(not self.pictures.under_way)
        if self.isVisible():
            self.fit()

    def write(
        self, values: dict[str, Any], _reasons: Mapping[str, str], done: Done, refused: Refused
    ) -> None:
        papers = [New(one.picture, CONSENT, one.source.name) for one in self.pictures.made]
        self.context.work.do(
            acted, consent.record_consent, self.retiree_id, values["kinds"] or (),
            values["signed_on"], values["text_version"] or "", pictures=papers,
            done=done, refused=refused,
        )  # fmt: skip

    def _tell(self, made: Acted[str]) -> None:
        self.context.toast(f"已登记 {self.name} 的同意事项", made.tx)


def _kinds(_fact: Fact) -> Several:
    return Several(codes.table("CONSENT_KIND").items)
