"""What somebody wrote newly is told from what the mail program put under it, in many languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.connectors.mail.strip_reply import strip_reply

OLD = "> Dear Ann,\n> it is on its way.\n"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, 2 Mar 2026 at 10:00, Shop <help@shop.example> wrote:",
        "On Mon, 2 Mar 2026 at 10:00, The Support Team of the Shop <\nhelp@shop.example> wrote:",
        "Am 02.03.2026 um 10:00 schrieb Shop:",
        "Am Mo., 2. März 2026 um 10:00 Uhr schrieb Shop <help@shop.example>:",
        "Le lun. 2 mars 2026 à 10:00, Shop <help@shop.example> a écrit :",
        "El lun, 2 mar 2026 a las 10:00, Shop (<help@shop.example>) escribió:",
        "Il giorno lun 2 mar 2026 alle ore 10:00 Shop <help@shop.example> ha scritto:",
        "Op ma 2 mrt 2026 om 10:00 schreef Shop <help@shop.example>:",
        "Em seg., 2 de mar. de 2026 às 10:00, Shop <help@shop.example> escreveu:",
        "W dniu 2.03.2026 o 10:00, Shop pisze:",
        "pon., 2 mar 2026 o 10:00 Shop <help@shop.example> napisał(a):",
        "Den mån 2 mars 2026 kl 10:00 skrev Shop <help@shop.example>:",
        "пн, 2 мар. 2026 г. в 10:00, Shop <help@shop.example> пишет:",
    ],
)
def test_the_answer_stands_above_the_old_mail(attribution: str) -> None:
    assert strip_reply(f"Thank you!\n\nAnn\n\n{attribution}\n\n{OLD}") == "Thank you!\n\nAnn"
    unmarked = OLD.replace("> ", "")
    assert strip_reply(f"Thank you!\n\nAnn\n\n{attribution}\n\n{unmarked}") == "Thank you!\n\nAnn"


@pytest.mark.parametrize(
    "block",
    [
        "-----Original Message-----\nFrom: Shop\nDear Ann",
        "-----Ursprüngliche Nachricht-----\nVon: Shop\nDear Ann",
        "________________________________\nFrom: Shop <h@shop.example>\nSent: Monday\nTo: Ann\n\nOld",
        "Von: Shop <help@shop.example>\nGesendet: Montag, 2. März 2026\nAn: Ann\nBetreff: x\n\nOld",
        "*From:* Shop\n*Date:* Monday\n*To:* Ann\n*Subject:* x\n\nOld",
        "De : Shop\nEnvoyé : lundi\nÀ : Ann\nObjet : x\n\nOld",
    ],
)
def test_a_copied_head_of_a_mail_ends_the_answer(block: str) -> None:
    assert strip_reply(f"Thank you!\n\n{block}") == "Thank you!"


def test_an_answer_below_and_between_the_quotes_is_kept() -> None:
    below = f"On 2 Mar 2026, Shop wrote:\n{OLD}\nIt came, thank you.\n"
    assert strip_reply(below) == "It came, thank you."
    between = "On 2 Mar 2026, Shop wrote:\n> When?\nToday.\n> Where?\nAt home.\n"
    assert strip_reply(between) == "Today.\nAt home."


@pytest.mark.parametrize(
    "signature",
    ["-- \nAnn Lee\n+44 20 7946 0001", "--\nAnn", "Sent from my iPhone", "Von meinem iPhone gesendet"],
)
def test_signatures_are_left_out(signature: str) -> None:
    assert strip_reply(f"Thank you!\n\n{signature}") == "Thank you!"
    assert strip_reply(f"Thank you!\n\n{signature}\n\nOn 2 Mar 2026, Shop wrote:\n{OLD}") == "Thank you!"


@pytest.mark.parametrize(
    "text",
    [
        "On Monday 2 March I wrote:\nnothing",
        "Options:\n- one\n-- two\n- three",
        "From: Berlin\nTo: Hamburg\nby train, please",
        "--",
        "a -- b",
        "",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    kept = strip_reply(text)
    assert kept == text.strip() or text.startswith("On Monday")


def test_rather_too_much_than_nothing() -> None:
    assert strip_reply(OLD) == OLD.strip()
    assert strip_reply("-- \nAnn") == "--\nAnn"


@given(
    st.lists(
        st.sampled_from(["", "text", "> q", "-- ", "On 1 wrote:", "_____", "From: a", "Sent: b", "To: c"])
    )
)
def test_only_whole_lines_of_the_mail_are_left_and_never_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)
    kept = strip_reply(text)
    assert bool(kept) == bool(text.strip())
    assert {line.rstrip() for line in kept.split("\n")} <= {line.rstrip() for line in ["", *lines]}
