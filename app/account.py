"""Staff and their accounts (人员与账号).

The password side is in the vault; both change in one verb, the vault last, so that a failure leaves
an account that cannot log in and never the reverse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, roles
from app.kit.refusal import Refusal
from app.kit.vault import Entry, Vault, password_problem
from app.kit.who import at_desk
from models.account import Account
from models.exchange import Replica
from models.kit.ids import new_id
from models.staff import Staff

HEADS = frozenset({"head", "centre_head", "city_head"})


@dataclass(frozen=True, slots=True)
class Row:
    """One account as 人员与账号 lists it; ``login`` is what the sign-in page of this computer calls
    it, nothing where its password is of another computer."""

    id: str
    name: str
    roles: tuple[str, ...]
    role_names: str
    disabled: bool
    post: str
    phone: str
    login: str

    @property
    def called(self) -> str:
        """Told from others of the same name, where this computer tells them."""
        return self.login or self.name


def accounts(session: Session, vault: Vault | None = None) -> list[Row]:
    """This office's accounts, working ones first; with their ``login`` where the vault is given."""
    own = session.scalars(select(Replica.office_id)).one()
    found = session.execute(
        select(Account, Staff)
        .join(Staff, Staff.id == Account.staff_id)
        .where(Account.office_id == own, Account.is_void.is_(False))
        .order_by(Account.is_disabled, Account.created_at)
    )
    here = _of_computer(vault) if vault else {}
    return [_row(account, staff, here) for account, staff in found]


def _row(account: Account, staff: Staff, here: Mapping[str, Entry]) -> Row:
    return Row(
        account.id,
        staff.name,
        tuple(account.roles),
        "、".join(roles.name_of(role) for role in account.roles),
        account.is_disabled,
        staff.post or "",
        staff.phone or "",
        here[account.id].name if account.id in here else "",
    )


def create(
    session: Session,
    vault: Vault,
    name: str,
    password: str,
    given: Sequence[str],
    *,
    phone: str | None = None,
    post: str | None = None,
) -> Row:
    """A new member of staff with an account."""
    roles.allow(at_desk(session), "account", "write")
    _check_roles(session, given)
    _check_password(password)
    plain = _free_name(session, name)
    account, staff = first(session, plain, given, phone=phone, post=post)
    audit.note(session, "新增账号", "account", account.id, f"{plain}：{roles.title(list(given))}")
    session.flush()
    vault.add(account.id, plain, password, roles.title(list(given)))
    return _row(account, staff, _of_computer(vault))


def first(
    session: Session,
    name: str,
    given: Sequence[str],
    *,
    phone: str | None = None,
    post: str | None = None,
    key: str | None = None,
) -> tuple[Account, Staff]:
    """The records alone; asks nobody, since at the beginning there is nobody to ask."""
    staff = Staff(id=new_id(), name=name, phone=phone, post=post)
    session.add(staff)
    session.flush()
    account = Account(id=key or new_id(), staff_id=staff.id, login=name, roles=list(given))
    session.add(account)
    session.flush()
    return account, staff


def set_roles(session: Session, vault: Vault, key: str, given: Sequence[str]) -> Row:
    """Other roles, effective at the next login."""
    roles.allow(at_desk(session), "account", "write")
    _check_roles(session, given)
    account, staff = _get(session, key)
    _keep_a_head(session, vault, account, given)
    before, account.roles = account.roles, list(given)
    said = f"{staff.name}：{roles.title(before)} → {roles.title(list(given))}"
    audit.note(session, "改角色", "account", key, said)
    session.flush()
    here = _of_computer(vault)
    if key in here:  # another computer of this office says it of its own sign-in page
        vault.rename(key, here[key].name, roles.title(list(given)))
    return _row(account, staff, _of_computer(vault))


def disable(session: Session, vault: Vault, key: str) -> Row:
    """The password opens nothing from now on; what the person did stays theirs."""
    roles.allow(at_desk(session), "account", "write")
    account, staff = _get(session, key)
    if key == at_desk(session).account:
        raise Refusal("不能停用正在使用的账号，请让另一位站长来做")
    _keep_a_head(session, vault, account, ())
    account.is_disabled = True
    audit.note(session, "停用账号", "account", key, staff.name)
    session.flush()
    if key in _of_computer(vault):  # the others turn the person away once they have heard
        vault.disable(key)
    return _row(account, staff, _of_computer(vault))


def enable(session: Session, vault: Vault, key: str, password: str) -> Row:
    """Let a disabled account in again, with a new password."""
    return _let_in(session, vault, key, password, "启用账号")


def reset(session: Session, vault: Vault, key: str, password: str) -> Row:
    """A new password for somebody who forgot theirs."""
    account, _ = _get(session, key)
    if account.is_disabled:
        raise Refusal("这个账号已停用，请先启用")
    return _let_in(session, vault, key, password, "重置口令")


def change_password(session: Session, vault: Vault, old: str, new: str) -> None:
    """One's own, knowing the old one."""
    vault.change_password(old, new)
    audit.note(session, "修改口令", "account", at_desk(session).account)


def let_in(session: Session, vault: Vault) -> None:
    """Two heads may have stopped, or demoted, each other while apart: no office is left without one
    who can sign in. A stopped head is let in again where the office has none, and whoever the
    recovery card gave a password where this computer has none."""
    account, staff = _get(session, vault.account)
    heads = {one.id for one in accounts(session) if not one.disabled and HEADS & set(one.roles)}
    able = {key for key, one in _of_computer(vault).items() if not one.disabled}
    by_card = vault.by_card and not heads & able - {account.id}
    if account.is_void or not (by_card or (HEADS & set(account.roles) and not heads)):
        return
    before, why = list(account.roles), "没有别的负责人能登录"
    if not heads and not HEADS & set(before):
        account.roles = [roles.head_beside(before), *before]
        said = f"{staff.name}：{roles.title(before)} → {roles.title(account.roles)}，{why}"
        audit.note(session, "改角色", "account", account.id, said)
    if account.is_disabled:
        account.is_disabled = False
        audit.note(session, "启用账号", "account", account.id, f"{staff.name}，{why}")


def titles(session: Session, vault: Vault) -> None:
    """The sign-in page shows the roles of now, also where another computer gave them."""
    now = {one.id: roles.title(list(one.roles)) for one in accounts(session)}
    for one in vault.entries():
        if now.get(one.id, one.title) != one.title:
            vault.rename(one.id, one.name, now[one.id])


def note_card(session: Session) -> None:
    """Whoever may is about to have another recovery code."""
    roles.allow(at_desk(session), "account", "manage")
    audit.note(session, "换恢复口令卡", "account")


def _let_in(session: Session, vault: Vault, key: str, password: str, act: str) -> Row:
    roles.allow(at_desk(session), "account", "write")
    _check_password(password)
    account, staff = _get(session, key)
    account.is_disabled = False
    audit.note(session, act, "account", key, staff.name)
    session.flush()
    here = _of_computer(vault)
    if key in here and not here[key].disabled:
        vault.set_password(key, password)
    else:
        vault.add(key, _name_here(vault, key, staff.name), password, roles.title(account.roles))
    return _row(account, staff, _of_computer(vault))


def _name_here(vault: Vault, key: str, name: str) -> str:
    """What the sign-in page calls who comes from the other computer, where somebody of the same
    name has a password already."""
    taken = {one.name for one in _of_computer(vault).values() if one.id != key and not one.disabled}
    alike = (name, *(f"{name}（{number}）" for number in "二三四五六七八九"))
    return next((one for one in alike if one not in taken), name)


def _get(session: Session, key: str) -> tuple[Account, Staff]:
    account = session.get(Account, key)
    if account is None:
        raise Refusal("没有找到这个账号，可能别人刚刚改过，请刷新")
    return account, session.get_one(Staff, account.staff_id)


def _free_name(session: Session, name: str) -> str:
    plain = name.strip()
    if not plain:
        raise Refusal("请填姓名", "name")
    if any(one.name == plain for one in accounts(session)):
        said = f"已经有“{plain}”的账号。同名的请加区别，例如“{plain}（二）”；停用的请改为启用"
        raise Refusal(said, "name")
    return plain


def _check_roles(session: Session, given: Sequence[str]) -> None:
    """Those of whoever gives them: of a station, a centre, a city."""
    if not given:
        raise Refusal("请至少选一个角色", "roles")
    if not set(given) <= roles.of_side(at_desk(session)):
        raise Refusal("这里没有这个角色", "roles")


def _check_password(password: str) -> None:
    problem = password_problem(password)
    if problem:
        raise Refusal(problem, "password")


def _of_computer(vault: Vault) -> dict[str, Entry]:
    """Whoever has, or had, a password at this computer."""
    return {one.id: one for one in vault.entries()}


def _keep_a_head(session: Session, vault: Vault, account: Account, given: Sequence[str]) -> None:
    """Somebody must be able to manage accounts, and that at this computer: a head whose password
    is of another one cannot sign in here."""
    if account.is_disabled or HEADS & set(given) or not HEADS & set(account.roles):
        return
    others = {
        one.id
        for one in accounts(session)
        if one.id != account.id and not one.disabled and HEADS & set(one.roles)
    }
    (head,) = HEADS & roles.of_side(at_desk(session))
    name = roles.name_of(head)
    if not others:
        raise Refusal(f"这是最后一位{name}，不能停用或改掉角色。请先给别人{name}角色")
    able = {key for key, one in _of_computer(vault).items() if not one.disabled}
    if account.id in able and not others & able:
        said = f"这台电脑上只有这位{name}能登录，不能停用或改掉角色"
        raise Refusal(f"{said}。请先给另一位{name}在这台电脑上重置口令")
