"""A header reads as it was written, whoever decodes it."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header
from email.utils import parseaddr

import pytest

from scheduler.channels.contract import Letter, MailText, Picture
from scheduler.channels.email import headers, mime

ADDRESS = "news@riverside.example.org"
EVERYDAY = """
Time to Talk Day – “how are you, really?” – what’s on at each ward Nurses, midwives & carers: join us in
Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Café £29,970 A&E R&D = ? _ 5 < 6 100% Zoë Ångström
Siân O’Brien-Núñez (bank) "quoted" it's #Wellbeing e\u0301 👩‍⚕️ 🎉🎉 👨‍👩‍👧‍👦 مرحبا بكم في الفريق שלום עולם
नमस्ते क्‍ष mail@a.example =?utf-8?q?x?= =?= ?= a=?b Trust\\NHS
"""
WORDS = EVERYDAY.split()
ODD = ["x" * 90, "é" * 120, "👨‍👩‍👧‍👦" * 20, "e" + "\u0301" * 90, "W" * 1200]


def sentences(number: int, longest: int, *, seed: int, odd: bool) -> list[str]:
    chance = random.Random(seed)
    words = WORDS + ODD if odd else WORDS
    return [" ".join(chance.choices(words, k=chance.randint(1, longest))) for _ in range(number)]


def decode_old(raw: bytes, name: str) -> str:
    """As RFC 2047 has it."""
    return _decode(_unfolded(raw, name))


def _unfolded(raw: bytes, name: str) -> str:
    return str(message_from_bytes(raw + b"\r\n", policy=policy.compat32)[name]).replace("\r\n", "")


def _decode(text: str) -> str:
    parts = decode_header(text)
    return "".join(part.decode(charset or "ascii") if isinstance(part, bytes) else part for part, charset in parts)


def longest_line(raw: bytes) -> int:
    return max(len(line) for line in raw.split(b"\r\n"))


@pytest.mark.parametrize("odd", [False, True])
def test_any_subject_reads_as_it_was_written(odd: bool) -> None:
    for subject in sentences(3000, 24, seed=81, odd=odd):
        raw = headers.text_header("Subject", subject)
        assert decode_old(raw, "Subject") == subject
        assert message_from_bytes(raw + b"\r\n", policy=policy.default)["Subject"] == subject
        if not subject.isascii():  # nor does it matter to an old reader whether it was unfolded
            assert _decode(str(message_from_bytes(raw + b"\r\n", policy=policy.compat32)["Subject"])) == subject
        assert raw.isascii()
        assert longest_line(raw) <= 78


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("header", ["From", "Reply-To"])
def test_any_name_reads_as_it_was_written(header: str, odd: bool) -> None:
    for name in sentences(3000, 9, seed=82, odd=odd):
        raw = headers.address_header(header, ADDRESS, name)
        shown, address = parseaddr(_unfolded(raw, header))
        assert (_decode(shown), address) == (name, ADDRESS)
        (found,) = message_from_bytes(raw + b"\r\n", policy=policy.default)[header].addresses
        assert found.addr_spec == ADDRESS
        if b"?=\r\n =?" not in raw and b"?= =?" not in raw:  # that parser shows a space between the two
            assert found.display_name == name
        assert longest_line(raw) <= 78


@pytest.mark.parametrize(
    "name",
    ["Riverside Hospitals – news", "Siân O’Brien, Communications", "فريق التوظيف", 'Riverside, "Wards"', "A =?x?= B"],
)
def test_everyday_names_read_the_same_everywhere(name: str) -> None:
    raw = headers.address_header("From", ADDRESS, name)
    assert message_from_bytes(raw + b"\r\n", policy=policy.default)["From"].addresses[0].display_name == name


def test_a_plain_subject_stays_readable() -> None:
    assert headers.text_header("Subject", "Nurses needed") == b"Subject: Nurses needed\r\n"
    assert (
        headers.address_header("From", ADDRESS, "St. Mary's") == b'From: "St. Mary\'s" <news@riverside.example.org>\r\n'
    )
    assert headers.text_header("Subject", "") == b"Subject: \r\n"


def test_what_a_reader_takes_for_one_character_is_never_parted() -> None:
    family = "👨‍👩‍👧‍👦"
    raw = headers.text_header("Subject", family * 30)
    assert all(_decode(word).count(family) * family == _decode(word) for word in raw.decode().split()[1:])


def test_every_header_of_a_letter_arrives_whole() -> None:
    subject = "Time to Talk Day – “how are you, really?” – what’s on at each ward"
    domain = "communications.riverside-university-hospitals-and-community-services.example.org"
    letter = Letter(
        delivery_id=1,
        fence=1,
        message_id=f"<{'0f' * 20}@{domain}>",
        address=f"{'amy.reader.' * 5}x@{domain}",
        list_id=3,
        list_name="Staff – news",
        from_name="Siân O’Brien, Communications",
        link=f"https://{domain}/unsubscribe/{'t' * 40}",
        mail=MailText(subject=subject, title=subject, text="Hello.", html="<p>Hello.</p>"),
        pictures=(Picture(b"x", "image/png", "The pier", 3, 2),),
    )
    raw = mime.build_message(letter, from_address=f"news@{domain}", reply_to=f"c@{domain}", at=datetime.now(UTC))
    read = message_from_bytes(raw, policy=policy.default)
    assert longest_line(raw) <= 998
    assert read["Subject"] == subject
    assert read["From"].addresses[0].display_name == "Siân O’Brien, Communications"
    assert read["To"] == letter.address
    assert read["Reply-To"] == f"c@{domain}"
    assert read["Message-ID"] == letter.message_id
    assert read["List-Id"] == f"<list-3.{domain}>"
    assert read["List-Unsubscribe"] == f"<{letter.link}>"
    picture = next(part for part in read.walk() if part.get_content_type() == "image/png")
    assert f'src="cid:{picture["Content-ID"][1:-1]}"' in read.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert b"=?" not in raw.partition(b"Content-ID")[2].partition(b"\r\n")[0]
