"""House rules that are neither imports nor types: complete declarations, nothing that leaks."""

import ast
import inspect
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Date

from app import parameter, roles, voided
from app.nouns import NOUNS
from app.settings import SETTINGS
from models.entities import ENTITIES, GOES_ALONG, STAYS, personal
from models.kit import codes
from models.kit.base import Flow, Record, Writer, table_of
from models.kit.fields import Circle, fact
from models.kit.kinds import Code, Codes, Day, Fen, Moment
from resources import VERSION, path
from ui.command import COMMANDS
from ui.shell import screens
from ui.shell.catalogue import ENTRIES

ROOT = Path(__file__).parent.parent
OURS = ("app", "models", "sync", "ui", "resources", "installer", "tests", ".ci")
HAN = re.compile(r"[一-鿿]")
BY_TABLE = {entity.__tablename__: entity for entity in ENTITIES}

# numbers of real districts belong to the tests of the check digit alone
CHECKSUM_VECTORS = {"tests/models/kit/test_id_number.py"}


@cache
def sources(*suffixes: str) -> tuple[Path, ...]:
    found = (file for top in OURS for file in (ROOT / top).rglob("*") if file.is_file())
    return tuple(sorted(file for file in found if file.suffix in suffixes))


def code(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Each file in these folders, with its tree."""
    for file in sources(".py"):
        name = file.relative_to(ROOT)
        if any(name.is_relative_to(one) for one in folders):
            yield name, tree_of(file)


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


@pytest.fixture(scope="module", autouse=True)
def _trees_of_a_while() -> Iterator[None]:
    """Read once for all of these tests, and let go of: they are large."""
    yield
    tree_of.cache_clear()


# ---- every declaration is complete ----------------------------------------------------------


@pytest.mark.parametrize("name", BY_TABLE)
def test_every_entity_says_how_it_travels_who_writes_it_and_who_sees_it(name: str) -> None:
    own = vars(BY_TABLE[name])
    assert isinstance(own.get("flow"), Flow)
    assert isinstance(own.get("writer"), Writer)
    assert isinstance(own.get("circle"), Circle)


@pytest.mark.parametrize("name", BY_TABLE)
def test_every_fact_has_a_chinese_label_of_its_own(name: str) -> None:
    labels = [found.label for column in table_of(BY_TABLE[name]).columns if (found := fact(column))]
    assert all(HAN.search(label) for label in labels)
    assert len(labels) == len(set(labels)), labels


@pytest.mark.parametrize("name", BY_TABLE)
def test_names_say_the_kind(name: str) -> None:
    for column in table_of(BY_TABLE[name]).columns:
        kind = found.kind if (found := fact(column)) else None
        if isinstance(kind, Day):
            assert column.name.endswith(("_on", "_from", "_to")), column
        if isinstance(kind, Moment):
            assert column.name.split("_")[-1] == "at", column
        assert isinstance(kind, Fen) == column.name.endswith("_fen"), column
        assert not isinstance(column.type, Date) or isinstance(kind, Day), column


@pytest.mark.parametrize("name", BY_TABLE)
def test_every_code_and_link_leads_somewhere(name: str) -> None:
    for column in table_of(BY_TABLE[name]).columns:
        found = fact(column)
        if found and isinstance(found.kind, Code | Codes):
            assert codes.table(found.kind.table).items, column
        if found and found.link:
            assert found.link in BY_TABLE, column


@pytest.mark.parametrize("name", BY_TABLE)
def test_every_noun_is_explained_in_its_first_line_with_its_chinese_word(name: str) -> None:
    module = inspect.getmodule(BY_TABLE[name])
    assert module is not None
    first = (module.__doc__ or "").splitlines()[0]
    assert HAN.search(first), first


def test_the_list_of_entities_is_complete() -> None:
    stored = {
        made
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").startswith("models.")
        for _, made in inspect.getmembers(module, inspect.isclass)
        if issubclass(made, Record) and made is not Record
    }
    assert stored == set(ENTITIES)


# a handover is about whoever goes and stays with both sides
NEVER_MOVES = {"handover"}
# kept by the program or by the centre: no clerk voids one
NEVER_VOIDED = {"cert_task", "visit_plan", "print", "ruling", "late_edit"}


def test_every_noun_of_a_person_says_what_becomes_of_it_when_they_move_or_it_is_voided() -> None:
    of_somebody = {entity.__tablename__ for entity, _ in personal()} - NEVER_MOVES
    said = {entity.__tablename__ for entity in (*GOES_ALONG, *STAYS)}
    moved = said ^ of_somebody
    assert not moved, f"models/<noun>.py: does it go along when they move (goes_along)? {moved}"
    unsaid = of_somebody - NEVER_VOIDED - voided.OF.keys()
    assert not unsaid, f"app/nouns.py: {unsaid} say nothing of the voided"
    chips = {one.chip for one in voided.OF.values()}
    assert chips == voided.CHIPS.keys(), f"app/voided.py, CHIPS: {chips ^ voided.CHIPS.keys()}"


# not told among the last acts: the program's own books, and what the journal of acts tells
UNTOLD = {"cert_task", "mapping", "audit", "erasure"}
# not lines of their own among what waits
BOOKS = UNTOLD | {"print", "visit_plan", "staff", "account", "import"}


def test_every_noun_has_its_entry_and_somebody_who_may_write_it() -> None:
    missing = BY_TABLE.keys() - NOUNS.keys()
    assert not missing, f"app/nouns.py has no entry for {missing}"
    written = {verb for row in roles.TABLE.values() for verb in row if "write" in row[verb]}
    nobodys = BY_TABLE.keys() - written - {"audit", "local_note"}
    assert not nobodys, f"app/nouns.py, area, or app/roles.py, TABLE: nobody may write {nobodys}"
    up = {name for name, entity in BY_TABLE.items() if entity.flow in {Flow.UP, Flow.BOTH}}
    unmade = {name for name in up - UNTOLD if not NOUNS[name].made}
    assert not unmade, f"app/nouns.py, made: what did somebody do who wrote {unmade}?"
    unqueued = {name for name in up - BOOKS - {"retiree"} if NOUNS[name].queue is None}
    assert not unqueued, f"app/nouns.py, queue: how is {unqueued} called while it waits?"


def test_every_code_table_is_used_or_belongs_to_a_list_of_attempts() -> None:
    used = {
        found.kind.table
        for entity in ENTITIES
        for column in table_of(entity).columns
        if (found := fact(column)) and isinstance(found.kind, Code | Codes)
    }
    inside_data = {"ATTEMPT_WAY", "ATTEMPT_OUTCOME", "CIRCLE"}
    assert set(codes.keys()) - used <= inside_data | {"PAY_STATE"}


def test_every_command_module_is_among_the_commands() -> None:
    there = {
        file.stem
        for file in (ROOT / "ui" / "command").glob("*.py")
        if "def add_arguments(" in file.read_text("utf-8")
    }
    assert there <= set(COMMANDS)


def test_every_setting_has_a_label_and_help_in_chinese_and_a_sound_default() -> None:
    assert len({one.name for one in SETTINGS}) == len(SETTINGS)
    for one in SETTINGS:
        assert HAN.search(one.label), one.name
        assert HAN.search(one.help), one.name
        assert isinstance(one.default, one.type), one.name
        assert not one.choices or one.default in dict(one.choices), one.name


def test_every_screen_is_among_the_screens_and_every_entry_of_the_menu_has_its_clauses() -> None:
    made = {
        f"{module}.{one.name}"
        for module, tree in modules("ui/pages")
        for one in tree.body
        if isinstance(one, ast.FunctionDef) and one.name in {"page", "dialog"}
    }
    listed = {
        f"{one.__module__}.{getattr(one, '__name__', '')}"
        for one in [*screens.PAGES.values(), *screens.DIALOGS.values()]
    }
    assert not made - listed, f"ui/shell/screens.py, PAGES or DIALOGS: {made - listed}"
    assert {entry.key for entry in ENTRIES if entry.key in screens.PAGES}
    assert all(entry.clauses for entry in ENTRIES if entry.key != "exchange")


# its window begins where another ends, so that drawing one draws it
DRAWN_ALONG = {"print_pdf"}


def test_every_screen_has_a_picture() -> None:
    """Which of them are drawn in fact, the slow test of the pictures says."""
    drawn = {word for _, tree in code("ui/shell/pictures") for word in words_in(tree)}
    undrawn = {*screens.PAGES, *screens.DIALOGS} - drawn - DRAWN_ALONG
    assert not undrawn, f"ui/shell/pictures/station.py or central.py: no picture of {undrawn}"


def test_every_rule_that_is_shown_is_read_by_code() -> None:
    """The centre can change each of them: it has to change something."""
    read = [
        name
        for _, tree in modules("app", "ui", "sync")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for name in rules_read(call)
    ]
    keys = [one.key for one in parameter.bundled()]
    assert not [key for key in keys if not any(re.fullmatch(name, key) for name in read)]


def test_every_setting_is_read_by_code_and_this_pcs_can_be_changed() -> None:
    calls = [
        call
        for _, tree in modules("app", "ui")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
    ]
    read = {said for call in calls for said in said_to(call, {"get", "read"})}
    kept = {said for call in calls for said in said_to(call, {"set", "remember", "prefer"})}
    assert not [one.name for one in SETTINGS if one.name not in read]
    assert not [one.name for one in SETTINGS if one.scope == "machine" and one.name not in kept]


def said_to(call: ast.Call, verbs: set[str]) -> Iterator[str]:
    """The literals of `machine.get("printer")` and of `call(doing.prefer, …, "printer", name)`."""
    named = {getattr(one, "attr", getattr(one, "id", "")) for one in (call.func, *call.args)}
    if named & verbs:
        yield from (word for one in call.args for word in words_in(ast.Expression(one)))


def rules_read(call: ast.Call) -> Iterator[str]:
    """`parameter.in_force(session, "form_copies")`, also handed over, as patterns; a key with a
    point falls back to what stands before it."""
    given = [*call.args, *(each.value for each in call.keywords)]
    if not any(is_a_reading(one) for one in (call.func, *given)):
        return
    for node in (node for one in given for node in ast.walk(one)):
        if isinstance(node, ast.JoinedStr):
            parts = [words(one) or ".+" for one in node.values]
            yield from ("".join(parts), parts[0].removesuffix(r"\."))
        yield words(node)


def is_a_reading(node: ast.AST) -> bool:
    module = node.value if isinstance(node, ast.Attribute) else None
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name == "in_force" or (name == "read" and getattr(module, "id", "") == "settings")


def words(node: ast.AST) -> str:
    """What a literal says, as a pattern; else nothing."""
    said = node.value if isinstance(node, ast.Constant) else None
    return re.escape(said) if isinstance(said, str) else ""


def modules(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    """Dotted name and tree of each module of these packages."""
    for file, tree in code(*packages):
        parts = [*file.with_suffix("").parts]
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), tree


# what a person's act is called in the code, where ui hands it over
HANDED_OVER = {"do": 0, "run": 2}
# tried by pressing its button, without its name being said
ON_SCREEN = {"insist": "tests/ui/test_exchange.py", "reach": "tests/ui/test_main.py"}


def test_every_verb_that_a_screen_or_command_uses_is_named_by_a_test() -> None:
    tried = set(re.findall(r"\w+", "\n".join(text(file) for file in trials())))
    used = {
        (module, verb)
        for module, tree in modules("ui")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for verb in verbs_of(call)
    }
    untried = {(module, verb) for module, verb in used if verb not in tried}
    assert {verb for _, verb in untried} == set(ON_SCREEN), untried
    assert all((ROOT / file).is_file() for file in ON_SCREEN.values())


def verbs_of(call: ast.Call) -> Iterator[str]:
    """`work.do(visit.record_visit, …)` and `run(store, desk, visit.record_visit, …)`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    at = HANDED_OVER.get(name)
    if at is None or len(call.args) <= at:
        return
    given = call.args[at]
    if isinstance(given, ast.Attribute) and not given.attr.startswith("_"):
        yield given.attr


def trials() -> Iterator[Path]:
    return (file for file in (ROOT / "tests").rglob("test_*.py") if file != Path(__file__))


def text(file: Path) -> str:
    return file.read_text("utf-8")


# noun -> its page for clerks; what the program keeps for itself is explained with its owner
HELP = {
    "account": "staff",
    "cert_task": "certification",
    "code_table": "parameter",
    "local_note": "audit",
    "mapping": "import",
    "visit_plan": "visit",
}


@pytest.mark.parametrize("name", [*BY_TABLE, "exchange", "backup"])
def test_every_noun_has_a_short_page_for_clerks(name: str) -> None:
    file = path("help", f"{HELP.get(name, name)}.md")
    unsaid = f"clerks find nothing about {name}; explained with another: HELP, above"
    assert file.is_file(), f"resources/help/{file.name}: {unsaid}"
    page = text(file)
    title, *rest = page.splitlines()
    assert title.startswith("# ")
    assert HAN.search(title)
    assert 1 <= sum(bool(line) for line in rest) <= 25
    assert all(len(HAN.findall(line)) > 3 for line in rest if line)


@pytest.mark.parametrize("name", [name for name, one in NOUNS.items() if one.queue is not None])
def test_a_noun_is_called_the_same_while_it_waits_and_in_its_page_for_clerks(name: str) -> None:
    """One record may be called otherwise than all that is done about it (走访记录, 走访)."""
    word, waits = NOUNS[name].word, NOUNS[name].queue
    title = text(path("help", f"{HELP.get(name, name)}.md")).partition("\n")[0].removeprefix("# ")
    assert {word[at : at + 2] for at in range(len(word) - 1)} & {
        title[at : at + 2] for at in range(len(title) - 1)
    }
    said = waits.words if waits is not None and waits.words else word
    assert word in said or said == title


def test_the_readme_names_every_noun_and_every_command() -> None:
    readme = text(ROOT / "README.md")
    rows = re.findall(r"^\|([^|]+)\|", readme.partition("### Nouns")[2].partition("###")[0], re.M)
    unnamed = BY_TABLE.keys() - {name.strip() for row in rows for name in row.split(",")}
    assert not unnamed, f"README.md, the table of nouns: {unnamed}"
    assert not [name for name in COMMANDS if name != "desktop" and f"sangyu {name}" not in readme]
    pictures = re.findall(r"\]\((\S+\.png)\)", readme)
    assert all((ROOT / picture).is_file() for picture in pictures)


# ---- nothing leaks --------------------------------------------------------------------------

PRIVATE = {"id_no", "name", "mobile", "phone", "address", "live_address", "bank_account", "values"}
LOGS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def test_no_log_line_carries_personal_data() -> None:
    for file, tree in code(*{*OURS} - {"tests"}):
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            if call.func.attr not in LOGS:
                continue
            if not re.search(r"\blog(ger|ging)?\b", ast.unparse(call.func.value)):
                continue
            parts = (node for arg in call.args for node in ast.walk(arg))
            inside = {node.attr for node in parts if isinstance(node, ast.Attribute)}
            assert not inside & PRIVATE, f"{file}:{call.lineno}"


def test_no_file_names_a_machine_or_a_package_index() -> None:
    home, index = "/" + "work/", "/" + "simple/"
    machine = re.compile(rf"(?<![\w.]){home}|/root/|https?://[^/ ]*pypi[^ ]*|https?://[^ ]+{index}")
    for file in [*sources(".py", ".txt", ".toml", ".md", ".csv", ""), ROOT / "pyproject.toml"]:
        found = machine.search(file.read_text("utf-8", errors="ignore"))
        assert not found or file == Path(__file__), f"{file}: {found}"


def test_only_invented_people_are_in_the_tree() -> None:
    number = re.compile(r"(?<!\w)([1-9]\d{5})(?:19|20)\d\d(?:0[1-9]|1[0-2])\d{5}[\dXx](?!\w)")
    phone = re.compile(r"(?<![\dA-Za-z.])1[3-9]\d{9}(?![\dA-Za-z])")
    for file in sources(".py", ".csv", ".md", ".json"):
        name = file.relative_to(ROOT).as_posix()
        text = file.read_text("utf-8")
        if name not in CHECKSUM_VECTORS:
            assert {found[1] for found in number.finditer(text)} <= {"519902"}, name
        for said in phone.findall(text):
            assert re.fullmatch(r"1\d\d0000\d{4}", said), f"{name}: {said}"


def test_every_bundled_font_and_icon_comes_with_its_licence() -> None:
    licences = [file.read_text("utf-8") for file in path("fonts").glob("OFL-*.txt")]
    assert licences
    assert all("open font license" in licence.casefold() for licence in licences)
    assert path("icons", "LICENSE").is_file()


def test_every_icon_in_the_tree_is_named_by_a_screen() -> None:
    said = {word for _, tree in screens_code() for word in words_in(tree)}
    assert icons_there() <= said, sorted(icons_there() - said)


def test_every_icon_a_screen_names_is_in_the_tree() -> None:
    """Said to a widget, or standing in a table of tones and icons: names with a hyphen."""
    for file, tree in screens_code():
        named = {word for word in words_in(tree) if re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", word)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                given = [each.value for each in node.keywords if each.arg == "icon"]
                if getattr(node.func, "id", "") in {"Icon", "IconButton", "EmptyState"}:
                    given += node.args[:1]
                named |= {one for each in given for one in words_in(each)}
        assert named - icons_there() - NO_ICONS <= {""}, file


# words with a hyphen that are no pictures
NO_ICONS = {"utf-8", "utf-8-sig", "conflict-kept"}


def icons_there() -> set[str]:
    return {file.stem for file in path("icons").glob("*.svg")}


def screens_code() -> Iterator[tuple[Path, ast.Module]]:
    """What draws, and the verbs that say which picture goes with a thing to do."""
    drawn = ("ui/kit", "ui/pages", "ui/shell")
    said = ("app/nouns.py", "app/acts.py", "app/workbench", "app/retiree")
    return code(*drawn, *said)


def words_in(tree: ast.AST) -> Iterator[str]:
    return (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_a_second_row_of_a_table_is_not_made_anew_for_every_question() -> None:
    """It took longer than all that a person's page asks; `another` makes it once."""
    made = {file for file in sources(".py") if "aliased(" in file.read_text("utf-8")}
    assert made == {ROOT / "models/kit/base.py", Path(__file__)}


# ---- one version ----------------------------------------------------------------------------


def test_the_program_says_the_version_of_its_package() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert package["project"]["version"] == VERSION
