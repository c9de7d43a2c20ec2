"""照片和附件: looked at large, described, taken out with a reason; and added."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QPixmap, QShortcut

from app import attachment, roles
from app.attachment import PAPERS, Content, Hung, New, Row
from app.kit.files import write_whole
from app.kit.pictures import PDF, take_in
from app.kit.refusal import Refusal
from app.kit.run import Acted, acted
from app.printing import attachment_sheet
from models.attachment import PORTRAIT, Attachment
from models.kit import codes
from ui.kit.buttons import Button, IconButton
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.editors import Choice, OneOf
from ui.kit.empty import EmptyState
from ui.kit.form import Form, Group, Item
from ui.kit.form_dialog import Done, FormDialog, Refused
from ui.kit.label import Label, show_if
from ui.kit.layout import HBox
from ui.kit.pictures import Large, Pending, Source, Taken, pixmap_of
from ui.kit.preview import PdfView
from ui.kit.tokens import px

Owner = tuple[str, str, str]  # field, id, words


def dialog(
    context: Context, *, attachment_id: str, among: Sequence[str] = (), whose: str = ""
) -> "Viewer":
    """One attachment, large; the arrow keys go through `among`."""
    return Viewer(context, attachment_id, among, whose)


def add(
    context: Context,
    *,
    retiree_id: str,
    sources: Sequence[Source] = (),
    kind: str = "",
    owners: Sequence[Owner] = (),
) -> "AddDialog":
    """Pictures for a person, or for one of the records in `owners`, the first by default."""
    return AddDialog(context, retiree_id, sources, kind, owners)


def describe(context: Context, *, row: Row) -> "WordsDialog":
    """Kind, caption and day of one attachment."""
    return WordsDialog(context, row)


class Viewer(Dialog):
    def __init__(
        self, context: Context, attachment_id: str, among: Sequence[str], name: str
    ) -> None:
        super().__init__(context.window(), "附件", width=1000)
        self.context, self.name = context, name
        self.keys = list(among) or [attachment_id]
        self.key = attachment_id
        self.row: Row | None = None
        self.data: bytes | None = None
        self.large, self.pdf = Large(), PdfView()
        self.absent = EmptyState(
            "cloud-off", "内容还没有传到本机", "联网交换以后会自己补上；用U盘的，下次读U盘时补上",
            tone="neu",
        )  # fmt: skip
        self.share = Label("", "small", "t2")
        self._tools()
        for each in (self.large, self.pdf, self.absent):
            each.setMinimumHeight(px(430))
            self.add(each)
        self._acts()
        self._keys()
        self.finished.connect(lambda _result: self.pdf.close_pdf())
        self.go_to(attachment_id)

    def _tools(self) -> None:
        line = HBox(gap=4)
        self.back = IconButton("chevron-left", "上一张", sz="s", does=lambda: self.step(-1))
        self.forth = IconButton("chevron-right", "下一张", sz="s", does=lambda: self.step(1))
        self.place = Label("", "small", "t2")
        self.zooms = (
            IconButton("minus", "缩小（Ctrl+-）", sz="s", does=lambda: self.large.step(-1)),
            self.share,
            IconButton("plus", "放大（Ctrl++）", sz="s", does=lambda: self.large.step(1)),
            Button("适合窗口", "text", "s", does=self.large.whole),
            Button("旋转", "text", "s", icon="refresh-cw", does=self.large.turn),
        )
        line.add(self.back, self.place, self.forth)
        line.addStretch(1)
        line.add(*self.zooms)
        self.large.zoomed.connect(self.share.setText)
        self.body.addLayout(line)

    def _acts(self) -> None:
        may = partial(roles.may, self.context.desk, "attachment")
        self.remove_button = self.button("去掉", "text", icon="trash-2", does=self.remove)
        self.words_button = self.button("改说明", "text", icon="pencil", does=self.words)
        self.out_button = self.button("导出", icon="download", does=self.take_out)
        self.print_button = self.button("打印", icon="printer", does=self.print_out)
        for button, verb in (
            (self.remove_button, "write"), (self.words_button, "write"),
            (self.out_button, "export"), (self.print_button, "print"),
        ):  # fmt: skip
            show_if(button, may(verb))
        self.cancel_button("关闭（Esc）").setFocus()

    def _keys(self) -> None:
        keys = {
            "Ctrl++": lambda: self.large.step(1), "Ctrl+=": lambda: self.large.step(1),
            "Ctrl+-": lambda: self.large.step(-1), "Ctrl+0": self.large.whole,
            "Ctrl+R": self.large.turn, "Left": lambda: self.step(-1),
            "Right": lambda: self.step(1), "Delete": self.remove, "F2": self.words,
            "Ctrl+S": self.take_out, "Ctrl+P": self.print_out,
        }  # fmt: skip
        for sequence, does in keys.items():
            QShortcut(QKeySequence(sequence), self).activated.connect(does)

    def step(self, by: int) -> None:
        at = self.keys.index(self.key) + by
        if 0 <= at < len(self.keys):
            self.go_to(self.keys[at])

    def go_to(self, key: str) -> None:
        self.key = key
        self.context.work.ask(attachment.content, key, done=self._show, refused=self._gone)

    def _gone(self, refusal: Refusal) -> None:
        self.context.ask.tell(self, "没有打开", refusal.message, tone="warn")
        self.reject()

    def _show(self, found: Content) -> None:
        row, self.data = found.row, found.data
        self.row = row
        self.title.setText(row.title)
        kind = row.kind_name if row.caption else ""
        day = f"{row.taken_on} 拍摄" if row.taken_on else ""
        parts = (self.name, kind, day, f"{row.size // 1024} KB")
        self.subtitle.setText(" · ".join(part for part in parts if part))
        self.subtitle.show()
        is_pdf, here = row.media_type == PDF, found.data is not None
        self.pdf.setVisible(here and is_pdf)
        self.large.setVisible(here and not is_pdf)
        self.absent.setVisible(not here)
        for each in self.zooms:
            each.setVisible(here and not is_pdf)
        for button in (self.out_button, self.print_button):
            button.setEnabled(here)
        self._place()
        self._draw()
        if self.isVisible():
            self.fit()

    def _place(self) -> None:
        at = self.keys.index(self.key)
        self.place.setText(f"{at + 1} / {len(self.keys)}")
        self.back.setEnabled(at > 0)
        self.forth.setEnabled(at + 1 < len(self.keys))
        for each in (self.back, self.place, self.forth):
            each.setVisible(len(self.keys) > 1)

    def _draw(self) -> None:
        row, data = self.row, self.data
        self.pdf.close_pdf()
        if row is None or data is None:
            self.large.show_picture(QPixmap(), "")
        elif row.media_type == PDF:
            self.pdf.show_pdf(data)
        else:
            picture = pixmap_of(data)
            self.large.show_picture(picture, row.title)
            QTimer.singleShot(0, self.large, self.large.draw)
            self.say("这张图片显示不出来，可能已经损坏" if picture.isNull() else "")

    # acts -------------------------------------------------------------------------------

    def words(self) -> None:
        if self.row is None or self.words_button.isHidden():
            return
        made = self.context.open("describe", row=self.row)
        if isinstance(made, WordsDialog):
            made.saved.connect(lambda _saved: self.go_to(self.key))

    def remove(self) -> None:
        if self.row is None or self.remove_button.isHidden():
            return
        why = self.context.ask.text(
            self, f"去掉 {self.row.title}", "原因", text="去掉以后可以撤销", act="去掉"
        )
        if why is not None:
            work = self.context.work
            work.do(acted, attachment.remove, self.key, why, done=self._removed)

    def _removed(self, made: Acted[None]) -> None:
        title = self.row.title if self.row is not None else "附件"
        self.accept()
        self.context.toast(f"已去掉 {title}", made.tx)

    def take_out(self) -> None:
        if self.out_button.isHidden() or not self.out_button.isEnabled():
            return
        why = self.context.ask.text(
            self,
            "导出附件",
            "用途",
            text="会记入操作日志。导出的文件没有加密，请妥善保管",
            act="导出",
        )
        if why is not None:
            self.context.work.do(attachment.take_out, self.key, why, done=self._write)

    def _write(self, found: Content) -> None:
        usual = attachment.file_name(found.row, self.name or "附件")
        filters = "PDF (*.pdf)" if found.row.media_type == PDF else "图片 (*.jpg)"
        path = self.context.ask.save_file(self, "导出到", filters=filters, start=usual)
        if path is None or found.data is None:
            return
        try:
            write_whole(path, found.data)
        except OSError:
            text = f"{path.name} 写不进去，请换个地方再存"
            self.context.ask.tell(self, "没有导出", text, tone="warn")
        else:
            self.context.toast(f"已导出 {path.name}")

    def print_out(self) -> None:
        if self.print_button.isHidden() or not self.print_button.isEnabled():
            return
        why = self.context.ask.text(self, "打印附件", "用途", text="会记入操作日志", act="打印")
        if why is not None:
            self.context.work.do(attachment.print_out, self.key, why, done=self._paper)

    def _paper(self, found: Content) -> None:
        show = partial(self._preview, found.row.title)
        work = self.context.work
        work.call(attachment_sheet.draw, found.data, found.row.media_type, done=show)

    def _preview(self, title: str, paper: bytes) -> None:
        """As a file it leaves by 导出 alone, for whoever may."""
        saves = roles.may(self.context.desk, "attachment", "export")
        self.context.open("print_pdf", title=title, data=paper, saves=saves)


# adding --------------------------------------------------------------------------------------


def kinds() -> tuple[tuple[str, str], ...]:
    """All but the portrait, which has a place of its own."""
    items = codes.table("ATTACHMENT_KIND").items
    return tuple((code, name) for code, name in items if code != PORTRAIT)


def words_items() -> tuple[Item, ...]:
    """What is asked of every attachment."""
    return (
        Item(Attachment.kind, wide=True, make=lambda _fact: OneOf(kinds())),
        Item(Attachment.caption, hint="如 正面、第 2 页"),
        Item(Attachment.taken_on, hint="空着就用照片里的日期"),
    )


class AddDialog(FormDialog):
    def __init__(
        self,
        context: Context,
        retiree_id: str,
        sources: Sequence[Source],
        kind: str,
        owners: Sequence[Owner],
    ) -> None:
        self.owners = {key: field for field, key, _ in owners}
        items = words_items()
        if owners:
            choices = [(key, words) for _, key, words in owners]
            hangs = Item(Attachment.visit_id, "挂在", make=lambda _fact: Choice(choices))
            items = (hangs, *items)
        super().__init__(
            context, "添加照片和附件", Form((Group("", items),)), width=760,
        )  # fmt: skip
        self.retiree_id = retiree_id
        self.pending = Pending(context.work, "文件", paper=True)
        self.body.insertWidget(0, self.pending)
        self.pending.changed.connect(self._fit_pictures)
        self.say("图片会自动转正、缩小，拍摄地点和手机型号会去掉", "shield-check")
        first = {"visit_id": owners[0][1]} if owners else {}
        self.start({"kind": kind or attachment.OTHER, **first})
        self.saved.connect(self._tell)
        self.pending.take(sources)

    def _fit_pictures(self) -> None:
        ready = bool(self.pending.made) and not self.pending.under_way
        self.save_button.setEnabled(ready)
        if self.isVisible():
            self.fit()

    def write(
        self, values: dict[str, Any], _reasons: Mapping[str, str], done: Done, refused: Refused
    ) -> None:
        work = self.context.work
        sent = partial(self._attach, values, done, refused)
        work.call(
            _made, list(self.pending.made), values["kind"], values["caption"] or "",
            values["taken_on"], done=sent,
        )  # fmt: skip

    def _attach(self, values: dict[str, Any], done: Any, refused: Any, pictures: list[New]) -> None:
        key = str(values.get("visit_id") or "")
        field = self.owners.get(key)
        owner = {field: key} if field else {}
        self.context.work.do(
            acted, attachment.attach, self.retiree_id, pictures, **owner,
            done=done, refused=refused,
        )  # fmt: skip

    def _tell(self, made: Acted[Hung]) -> None:
        words = f"已添加 {made.result.count} 份附件"
        self.context.toast("。".join((words, *made.result.notes)), made.tx)


def _made(held: list[Taken], kind: str, caption: str, taken_on: Any) -> list[New]:
    """Papers keep the pixels they were read with, photos fewer."""
    return [
        New(
            one.picture if kind in PAPERS else take_in(one.data),
            kind, one.source.name, caption, taken_on,
        )
        for one in held
    ]  # fmt: skip


class WordsDialog(FormDialog):
    def __init__(self, context: Context, row: Row) -> None:
        super().__init__(
            context, "附件说明", Form((Group("", words_items()),)), width=640,
        )  # fmt: skip
        self.row = row
        self.start({"kind": row.kind, "caption": row.caption, "taken_on": row.taken_on})

    def write(
        self, values: dict[str, Any], _reasons: Mapping[str, str], done: Done, refused: Refused
    ) -> None:
        self.context.work.do(
            attachment.describe, self.row.id, values["kind"], values["caption"] or "",
            values["taken_on"], done=done, refused=refused,
        )  # fmt: skip
