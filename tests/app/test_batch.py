from app import certification
from app.certification import DueFilter, batch
from models.parameter import Parameter
from tests.app.printing.reading import whole
from tests.make import Station, a_day, a_retiree, an_id_number


def test_a_batch_numbers_its_forms_once_and_names_what_cannot_be_printed_first(
    station: Station,
) -> None:
    for at, name in enumerate(("王秀英", "李\ue000国")):
        number = an_id_number("1950-01-02", 11 + 2 * at)
        station.do(a_retiree, name=name, id_no=number, last_certified_on=a_day("2025-12-05"))
    tasks = station.ask(certification.due_ids, DueFilter())
    made = station.do(batch.prepare, tasks)
    assert [one.odd for one in made.sheets] == [("\ue000",), ()]
    assert {one.task_id for one in made.sheets} == set(tasks)
    assert not any(one.again for one in made.sheets)
    numbers = [one.form.number for one in made.sheets]
    assert len(set(numbers)) == 2
    assert [one.form.number for one in station.do(batch.prepare, tasks).sheets] == numbers
    station.do(certification.printed, tasks)
    assert all(one.again for one in station.do(batch.prepare, tasks).sheets)


def test_a_form_says_within_how_many_days_a_death_is_told_as_the_rule_has_it(
    station: Station,
) -> None:
    station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    tasks = station.ask(certification.due_ids, DueFilter())

    def printed() -> str:
        made = station.do(batch.prepare, tasks)
        return whole(batch.draw(made.forms, made.sheets, 1, receipt=True, with_list=False))

    ground = "《社会保险经办条例》第二十五条"
    assert f"20个工作日内告知社会保险经办机构（{ground}）" in printed()
    said = {"key": "notify_workdays", "value": 10, "doc_no": "三社保〔2026〕12号"}
    station.do(lambda session: session.add(Parameter(**said)))
    assert "10个工作日内告知社会保险经办机构（三社保〔2026〕12号）" in printed()
