"""Finds what somebody wrote newly in a mail: without quoted mails, attributions and signatures.

Pure, and linear in the length of the text. When nothing would be left, the whole text stays: rather too much
than a mail that says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST_ATTRIBUTION = 400
_SIGNATURE_LINES = 15
_RULE = re.compile(r"[-_=*]{5,}")
_ORIGINAL = re.compile(
    r"[-_\s]{3,}(?:original message|ursprüngliche nachricht|originalnachricht|message d'origine"
    r"|message original|messaggio originale|mensaje original|mensagem original|oorspronkelijk bericht"
    r"|wiadomość oryginalna|ursprungligt meddelande|opprinnelig melding|oprindelig meddelelse"
    r"|původní zpráva|исходное сообщение|orijinal ileti|reply message|weitergeleitete nachricht)[-_\s]{3,}",
    re.IGNORECASE,
)
# Beginning, word of writing, for attributions like “On Monday Ann wrote:”; None: any beginning.
_ATTRIBUTIONS: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    ("on ", ("wrote:",)),
    ("am ", ("schrieb:", " schrieb ")),
    ("le ", ("a écrit :", "a écrit:")),
    ("el ", ("escribió:", " escribió ")),
    ("il ", ("ha scritto:",)),
    ("op ", ("schreef:", " schreef ", "geschreven:")),
    ("em ", ("escreveu:", " escreveu ")),
    ("w dniu ", ("napisał:", "napisała:", "napisał(a):", "pisze:")),
    ("den ", ("skrev:", " skrev ")),
    ("dne ", ("napsal:", "napsala:", "napsal(a):")),
    (None, ("napisał(a):", "napisał:", "napisała:", "пишет:", "написал:", "написала:", "написал(а):")),
    (None, ("kirjoitti:", "ezt írta:", "şunu yazdı:", "şunları yazdı:", "a scris:", "写道：", "写道:")),
)
_FROM = (
    "from:", "von:", "de :", "de:", "da:", "van:", "od:", "från:", "fra:", "lähettäjä:", "от:", "kimden:",
    "feladó:", "发件人:", "发件人：", "差出人:", "보낸 사람:",
)  # fmt: skip
_SENT = (
    "sent:", "date:", "gesendet:", "datum:", "envoyé :", "envoyé:", "date :", "enviado:", "enviado el:",
    "fecha:", "inviato:", "data:", "verzonden:", "wysłano:", "skickat:", "sendt:", "lähetetty:", "дата:",
    "отправлено:", "odesláno:", "gönderildi:", "gönderme tarihi:", "发送时间:", "发送时间：", "送信日時:",
)  # fmt: skip
_TO = (
    "to:", "an:", "à :", "à:", "para:", "a:", "aan:", "do:", "till:", "til:", "vastaanottaja:", "кому:",
    "komu:", "kime:", "subject:", "betreff:", "objet :", "objet:", "asunto:", "oggetto:", "onderwerp:",
    "temat:", "ämne:", "emne:", "тема:", "předmět:", "konu:", "assunto:", "收件人:", "收件人：", "宛先:",
)  # fmt: skip
_DEVICES = (
    "sent from my ", "sent from mail for ", "sent from outlook", "get outlook for ", "sent via ",
    "von meinem ", "gesendet von ", "gesendet mit ", "diese nachricht wurde von meinem ", "envoyé de mon ",
    "envoyé depuis ", "envoyé à partir de ", "enviado desde mi ", "enviado do meu ", "inviato da ",
    "verstuurd vanaf ", "verzonden vanaf ", "wysłane z ", "skickat från ", "sendt fra ", "отправлено с ",
    "lähetetty ", "odesláno z ",
)  # fmt: skip


def strip_reply(text: str) -> str:
    """What was newly written in a mail of plain text."""
    own = _drop_quotes(text.split("\n"))
    unsigned = _drop_signature(own)
    for lines in (unsigned, own):
        kept = _tidy(lines)
        if kept:
            return kept
    return text.strip()


def _drop_quotes(lines: Sequence[str]) -> list[str]:
    own: list[str] = []
    at = 0
    while at < len(lines):
        if _is_quoted(lines[at]):
            at += 1
            continue
        if _begins_old_mail(lines, at):
            break
        length = _attribution_length(lines, at)
        if length:
            if not _is_quoted(_next_filled(lines, at + length)):
                # Nothing marks the old mail: all that follows is it.
                break
            at += length
            continue
        own.append(lines[at])
        at += 1
    return own


def _is_quoted(line: str) -> bool:
    stripped = line.lstrip()
    return stripped.startswith(">") or (stripped.startswith("|") and line.startswith("|"))


def _next_filled(lines: Sequence[str], at: int) -> str:
    return next((line for line in lines[at : at + 5] if line.strip()), "")


def _attribution_length(lines: Sequence[str], at: int) -> int:
    """How many lines from here are “On … wrote:”, which mail programs break; 0 when these are none."""
    joined = ""
    for length, line in enumerate(lines[at : at + 3], 1):
        if not line.strip():
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if len(joined) > _LONGEST_ATTRIBUTION:
            return 0
        if _is_attribution(joined):
            return length
    return 0


def _is_attribution(line: str) -> bool:
    small = line.lower()
    if not small.endswith((":", "：")) or not (any(c.isdigit() for c in small) or "@" in small):
        return False
    return any(
        (start is None or small.startswith(start))
        and any(small.endswith(word) if word[-1] in ":：" else word in small for word in words)
        for start, words in _ATTRIBUTIONS
    )


def _begins_old_mail(lines: Sequence[str], at: int) -> bool:
    line = lines[at].strip()
    if _ORIGINAL.fullmatch(line):
        return True
    if _RULE.fullmatch(line):
        return _is_header_block(lines, at + 1) or _is_header_block(lines, at + 2)
    return _is_header_block(lines, at)


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    """Whether a copied head of a mail begins here: from, sent and to within a few lines, in any language."""
    if at >= len(lines) or not _header_word(lines[at]).startswith(_FROM):
        return False
    near = [_header_word(line) for line in lines[at + 1 : at + 7]]
    return any(line.startswith(_SENT) for line in near) and any(line.startswith(_TO) for line in near)


def _header_word(line: str) -> str:
    return line.strip().replace("*", "")[:60].lower()


def _drop_signature(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    delimiters = [
        at for at, line in enumerate(kept)
        if line.rstrip() in ("--", "—") and line[:1] in ("-", "—") and len(kept) - at <= _SIGNATURE_LINES
    ]  # fmt: skip
    if delimiters and any(line.strip() for line in kept[: delimiters[0]]):
        kept = kept[: delimiters[0]]
    filled = [at for at, line in enumerate(kept) if line.strip()]
    for at in filled[-3:]:
        if kept[at].strip().lower().startswith(_DEVICES) and len(kept[at]) < 80 and at != filled[0]:
            return kept[:at]
    return kept


def _tidy(lines: Sequence[str]) -> str:
    text = "\n".join(line.rstrip() for line in lines).strip()
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    # A rule that stood between the answer and the old mail says nothing any more.
    head, _, last = text.rpartition("\n")
    return head.rstrip() if head and _RULE.fullmatch(last.strip()) else text
