"""The one style sheet, written from the tokens at the current text size."""

from ui.kit import tokens
from ui.kit.tokens import CHIP, CONTROL, HEADER, RADIUS, RADIUS_CONTROL, TYPE, colour, px

INPUTS = "QLineEdit, QComboBox, QAbstractSpinBox"


def _type(role: str) -> str:
    size, bold = TYPE[role]
    return f"font-size: {px(size)}px; font-weight: {'bold' if bold else 'normal'};"


def _height(total: int, border: int) -> str:
    inner = px(total - 2) - 2 * (border - 1)
    return f"min-height: {inner}px; max-height: {inner}px;"


def _ground() -> str:
    c = colour
    return f"""
    QWidget {{ {_type("body")} color: {c.t1}; }}
    QMainWindow, QDialog, QWidget#page, QWidget#window {{ background: {c.bg}; }}
    QScrollArea, QScrollArea > QWidget > QWidget#scrolled {{
        background: transparent; border: none; }}
    QLabel {{ background: transparent; padding: 0; }}
    QToolTip {{ {_type("small")} color: {c.onpri}; background: {c.ink}; border: none;
        padding: {px(4)}px {px(8)}px; }}
    """


def _labels() -> str:
    roles = "".join(f'QLabel[role="{name}"] {{ {_type(name)} }}\n' for name in TYPE)
    c = colour
    shades = {
        "t2": c.t2, "t3": c.t3, "prit": c.prit, "onpri": c.onpri, "navt": c.navt,
        "navm": c.navm, "acc": c.acc, "tdis": c.tdis,
        **{tone: tokens.tint(tone).text for tone in
           ("neu", "pri", "ok", "warn", "bad", "info", "party")},
    }  # fmt: skip
    return roles + "".join(
        f'QLabel[tone="{name}"] {{ color: {value}; }}\n' for name, value in shades.items()
    )


def _button(kind: str, ground: str, text: str, edge: str, hover: str, press: str) -> str:
    c = colour
    bold = "bold" if kind in {"primary", "danger"} else "normal"
    me = f'QPushButton[kind="{kind}"]'
    gone = "transparent" if kind in {"text", "quiet"} else c.subtle
    edge_off = "transparent" if kind in {"text", "quiet"} else c.line2
    return f"""
    {me} {{ background: {ground}; color: {text}; border: 1px solid {edge};
        font-weight: {bold}; }}
    {me}:hover {{ background: {hover}; }}
    {me}:pressed {{ background: {press}; }}
    {me}:disabled {{ background: {gone}; color: {c.tdis}; border-color: {edge_off};
        font-weight: normal; }}
    """


def _buttons() -> str:
    c, clear = colour, "transparent"
    sizes = "".join(
        f'QPushButton[sz="{sz}"] {{ {_height(CONTROL[sz], 1)} padding: 0 {px(pad)}px; {extra} }}\n'
        for sz, pad, extra in (
            ("s", 10, _type("small").split(";", maxsplit=1)[0] + ";"),
            ("m", 14, ""),
            ("l", 20, f"font-size: {px(16)}px;"),
        )
    )
    return f"""
    QPushButton {{ border-radius: {px(RADIUS_CONTROL)}px; outline: none; {_height(36, 1)}
        padding: 0 {px(14)}px; }}
    {_button("default", c.surface, c.t1, c.ctl, c.subtle, c.sunken)}
    {_button("primary", c.pri, c.onpri, c.pri, c.prih, c.prip)}
    {_button("soft", c.pris, c.prit, c.pris, c.prib, c.prib)}
    {_button("text", clear, c.prit, clear, c.pris, c.prib)}
    {_button("quiet", clear, c.t2, clear, c.sunken, c.line)}
    {_button("danger", c.bad, c.onpri, c.bad, c.badh, c.badh)}
    {sizes}
    QPushButton[shape="square"] {{ padding: 0; }}
    QPushButton[shape="link"] {{ padding: 0 {px(2)}px; }}
    """


def _chips() -> str:
    c = colour
    return f"""
    QPushButton[kind="chip"] {{ background: {c.surface}; color: {c.t2};
        border: 1px solid {c.line2}; border-radius: {(px(CHIP - 2) + 2) // 2}px; {_height(CHIP, 1)}
        padding: 0 {px(12)}px; {_type("small")} }}
    QPushButton[kind="chip"]:hover {{ border-color: {c.ctl}; background: {c.subtle}; }}
    QPushButton[kind="chip"]:checked {{ background: {c.pri}; color: {c.onpri};
        border-color: {c.pri}; font-weight: bold; }}
    QPushButton[kind="chip"]:disabled {{ color: {c.tdis}; }}
    QFrame#sunk {{ background: {c.sunken}; border: none; border-radius: {px(6)}px; }}
    QPushButton[kind="seg"] {{ background: transparent; color: {c.t2}; border: none;
        border-radius: {px(RADIUS_CONTROL)}px; min-height: {px(28)}px; max-height: {px(28)}px;
        padding: 0 {px(13)}px; }}
    QPushButton[kind="seg"]:hover {{ color: {c.t1}; background: {c.subtle}; }}
    QPushButton[kind="seg"]:checked {{ background: {c.surface}; color: {c.prit};
        font-weight: bold; }}
    QPushButton[kind="tab"] {{ background: transparent; color: {c.t2}; border: none;
        border-radius: 0; border-bottom: {px(3)}px solid transparent;
        min-height: {px(33)}px; max-height: {px(33)}px; padding: 0 {px(4)}px; }}
    QPushButton[kind="tab"]:hover {{ color: {c.t1}; border-bottom-color: {c.line2}; }}
    QPushButton[kind="tab"]:checked {{ color: {c.prit}; font-weight: bold;
        border-bottom-color: {c.pri}; }}
    """


def _state(selector: str, edge: str, ground: str, border: int, sz: int = 36) -> str:
    inset = px(11) - (border - 1)
    return f"""{selector} {{ background: {ground}; border: {border}px solid {edge};
        {_height(sz, border)} padding: 0 {inset}px; }}\n"""


def _each(suffix: str) -> str:
    return ", ".join(name + suffix for name in INPUTS.split(", "))


def _inputs() -> str:
    c = colour
    return f"""
    {INPUTS}, QPlainTextEdit, QTextEdit {{ border-radius: {px(RADIUS_CONTROL)}px;
        selection-background-color: {c.pri}; selection-color: {c.onpri};
        color: {c.t1}; placeholder-text-color: {c.t3}; }}
    {_state(INPUTS, c.ctl, c.surface, 1)}
    {_state(_each(":focus"), c.pri, c.surface, 2)}
    {_state(_each('[st="ok"]'), c.ctl, c.surface, 1)}
    {_state(_each('[st="ok"]:focus'), c.pri, c.surface, 2)}
    {_state(_each('[st="err"]'), c.bad, c.wrong, 2)}
    {_state(_each(":disabled"), c.line2, c.subtle, 1)}
    {_state("QLineEdit:read-only, QAbstractSpinBox:read-only", c.line2, c.subtle, 1)}
    {_state(_each('[st="ro"]'), c.line2, c.subtle, 1)}
    {_state('QLineEdit[st="big"]', c.ctl, c.surface, 1, 52)}
    {_state('QLineEdit[st="big"]:focus', c.pri, c.surface, 2, 52)}
    QLineEdit[st="big"] {{ font-size: {px(20)}px; }}
    {_each(":disabled")}, QCheckBox:disabled, QRadioButton:disabled {{ color: {c.tdis}; }}
    {_each('[st="ro"]')} {{ color: {c.t2}; }}
    QComboBox QLineEdit, QAbstractSpinBox QLineEdit {{ border: none; background: transparent;
        min-height: 0; max-height: {px(34)}px; padding: 0; }}
    QPlainTextEdit, QTextEdit {{ background: {c.surface}; border: 1px solid {c.ctl};
        padding: {px(5)}px {px(7)}px; }}
    QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {c.pri};
        padding: {px(5) - 1}px {px(7) - 1}px; }}
    QPlainTextEdit[st="err"] {{ border: 2px solid {c.bad}; background: {c.wrong};
        padding: {px(5) - 1}px {px(7) - 1}px; }}
    QPlainTextEdit[st="ro"], QPlainTextEdit:disabled {{ border: 1px solid {c.line2};
        background: {c.subtle}; color: {c.t2}; }}
    """


def _combos() -> str:
    c = colour
    return f"""
    QComboBox::drop-down {{ border: none; width: {px(28)}px; }}
    QComboBox::down-arrow {{ image: none; width: 0; height: 0; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
    QComboBox QAbstractItemView, QListView#choices {{ background: {c.surface}; color: {c.t1};
        border: 1px solid {c.line2}; outline: none; padding: {px(4)}px;
        selection-background-color: {c.pris}; selection-color: {c.t1}; }}
    QComboBox QAbstractItemView::item, QListView#choices::item {{ min-height: {px(32)}px;
        padding: 0 {px(8)}px; border-radius: {px(4)}px; color: {c.t1}; }}
    QComboBox QAbstractItemView::item:selected, QComboBox QAbstractItemView::item:hover,
    QListView#choices::item:selected, QListView#choices::item:hover {{ background: {c.pris}; }}
    QMenu {{ background: {c.surface}; border: 1px solid {c.line2};
        border-radius: {px(RADIUS)}px; padding: {px(6)}px; }}
    QMenu::item {{ min-height: {px(34)}px; padding: 0 {px(18)}px 0 {px(10)}px;
        border-radius: {px(4)}px; color: {c.t1}; }}
    QMenu::icon {{ padding-left: {px(8)}px; }}
    QMenu::item:selected {{ background: {c.pris}; }}
    QMenu::item:disabled {{ color: {c.tdis}; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: {px(6)}px {px(8)}px; }}
    """


def _scrolling() -> str:
    c, wide = colour, px(8)
    return f"""
    QScrollBar {{ background: transparent; border: none; margin: 0; }}
    QScrollBar:vertical {{ width: {wide}px; }}
    QScrollBar:horizontal {{ height: {wide}px; }}
    QScrollBar::handle {{ background: {c.thumb}; border-radius: {wide // 2}px; }}
    QScrollBar::handle:vertical {{ min-height: {px(36)}px; }}
    QScrollBar::handle:horizontal {{ min-width: {px(36)}px; }}
    QScrollBar::handle:hover, QScrollBar::handle:pressed {{ background: {c.ctl}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """


def _tables() -> str:
    c = colour
    return f"""
    QTableView {{ background: {c.surface}; border: none; outline: none; gridline-color: {c.row};
        selection-background-color: {c.pris}; selection-color: {c.t1}; }}
    QListView {{ background: {c.surface}; border: none; outline: none; }}
    QHeaderView {{ background: {c.subtle}; border: none; }}
    QHeaderView::section {{ background: {c.subtle}; color: {c.t2}; border: none;
        border-bottom: 1px solid {c.line}; padding: 0 {px(10)}px; text-align: left;
        {_type("small")} min-height: {px(HEADER) - 1}px; }}
    QHeaderView::up-arrow, QHeaderView::down-arrow {{ image: none; width: 0; height: 0; }}
    QTableCornerButton::section {{ background: {c.subtle}; border: none; }}
    QProgressBar {{ background: {c.sunken}; border: none; border-radius: {px(4)}px;
        min-height: {px(8)}px; max-height: {px(8)}px; text-align: center; color: transparent; }}
    QProgressBar::chunk {{ background: {c.pri}; border-radius: {px(4)}px; }}
    """


BANNERS = ("neu", "ok", "warn", "bad", "info")


def _frames() -> str:
    c = colour
    tones = "".join(
        f'QFrame#banner[tone="{tone}"] {{ background: {tint.fill}; border: 1px solid '
        f"{tint.border}; border-radius: {px(RADIUS_CONTROL)}px; }}\n"
        for tone, tint in ((name, tokens.tint(name)) for name in BANNERS)
    )
    return f"""
    QFrame#card, QFrame#panel {{ background: {c.surface}; border: 1px solid {c.line};
        border-radius: {px(RADIUS)}px; }}
    QFrame#card[st="chosen"] {{ border: 2px solid {c.pri}; }}
    QFrame#well {{ background: {c.subtle}; border: none; border-radius: {px(RADIUS)}px; }}
    QFrame#floating {{ background: {c.surface}; border: 1px solid {c.line2};
        border-radius: {px(RADIUS)}px; }}
    QFrame#foot {{ background: {c.subtle}; border: none; border-top: 1px solid {c.line};
        border-bottom-left-radius: {px(RADIUS)}px;
        border-bottom-right-radius: {px(RADIUS)}px; }}
    QFrame#rule {{ background: {c.line}; border: none; max-height: 1px; min-height: 1px; }}
    QFrame#upright {{ background: {c.line}; border: none; max-width: 1px; min-width: 1px; }}
    QFrame#batch {{ background: {c.pris}; border: 1px solid {c.prib};
        border-radius: {px(RADIUS_CONTROL)}px; }}
    QFrame#toast {{ background: {c.ink}; border: none; border-radius: {px(RADIUS)}px; }}
    QPushButton[kind="undo"] {{ background: transparent; border: none; color: {c.acc};
        font-weight: bold; padding: 0 {px(8)}px; }}
    QPushButton[kind="undo"]:hover {{ color: {c.onpri}; }}
    {tones}
    """


def _shell() -> str:
    c = colour
    return f"""
    QFrame#nav {{ background: {c.nav}; border: none; }}
    QFrame#navline {{ background: {c.navh}; border: none; max-height: 1px; min-height: 1px; }}
    QFrame#topmark {{ background: {c.line}; border: none; min-width: 1px; max-width: 1px;
        min-height: {px(24)}px; max-height: {px(24)}px; }}
    QFrame#topbar {{ background: {c.surface}; border: none; border-bottom: 1px solid {c.line}; }}
    QWidget#plain {{ background: {c.surface}; }}
    QCalendarWidget QWidget {{ background: {c.surface}; alternate-background-color: {c.subtle}; }}
    QCalendarWidget QAbstractItemView {{ selection-background-color: {c.pri};
        selection-color: {c.onpri}; }}
    QCalendarWidget QAbstractItemView:disabled {{ color: {c.tdis}; }}
    QCalendarWidget QToolButton {{ color: {c.t1}; background: transparent; border: none;
        padding: {px(4)}px {px(8)}px; border-radius: {px(4)}px; }}
    QCalendarWidget QToolButton:hover {{ background: {c.pris}; }}
    QCalendarWidget QToolButton::menu-indicator {{ image: none; }}
    QCalendarWidget QSpinBox {{ min-height: {px(26)}px; max-height: {px(26)}px; }}
    """


def sheet() -> str:
    parts = (
        _ground, _labels, _buttons, _chips, _inputs, _combos, _scrolling, _tables, _frames, _shell
    )  # fmt: skip
    return "".join(part() for part in parts)
