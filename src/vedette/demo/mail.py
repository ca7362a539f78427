"""Mail of the demo: takes a seed, gives messages as a mail gateway would keep them.

Among ordinary mail, some of which speaks of orders and opening hours too, are lures: strangers
whose mail fails its authentication and who ask when the company works, delivers and buys.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from vedette.demo.day import DOMAIN, at, dice, moment_in


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message says, and from whom to whom.

    ``passes`` is whether the sender's domain vouches for it; ``envelope`` is the domain of the
    envelope sender, the sender's own where it is empty; ``server`` is the address it came from.
    """

    sender: str
    name: str
    recipient: str
    subject: str
    text: str
    server: str
    passes: bool = True
    envelope: str = ""
    reply_to: str = ""
    mailing_list: str = ""
    answers: bool = False


LURES: Final[tuple[Letter, ...]] = (
    Letter(
        "purchasing@northgate-foundry-group.example",
        "Ellen Marsh, Northgate Foundry",
        f"sales@{DOMAIN}",
        "Question about your delivery schedule",
        "Good morning,\n\nfor our planning: on which weekdays do your lorries leave, and until "
        "what time does the gate accept deliveries? Who signs for them?\n\nEllen Marsh\n",
        "198.51.100.23",
        passes=False,
        envelope="bulk-relay.example",
        reply_to="ellen.marsh@freemail.example",
    ),
    Letter(
        "survey@trade-register-update.example",
        "Trade Register Update",
        f"purchasing@{DOMAIN}",
        "Which suppliers and vendors do you work with?",
        "Dear purchasing team,\n\nplease confirm the list of your suppliers and the days on which "
        "you place orders, so that your entry stays complete.\n",
        "198.51.100.87",
        passes=False,
        envelope="mailer-77.example",
        reply_to="register@freemail.example",
    ),
    Letter(
        "office@alder-freight-dispatch.example",
        "Alder Freight Dispatch",
        f"reception@{DOMAIN}",
        "Your business hours over the holiday",
        "Hello,\n\nwhat are your business hours in the week of the works holiday, and who is on "
        "call for shipments when the office is closed?\n",
        "203.0.113.140",
        passes=False,
        envelope="bulk-relay.example",
        reply_to="dispatch.office@freemail.example",
    ),
)
"""The lures that the hunt must find."""

ORDINARY: Final[tuple[Letter, ...]] = (
    Letter(
        "anna.berg@kestrel-pumps.example",
        "Anna Berg",
        f"sales@{DOMAIN}",
        "Re: Order 48113, pump housings",
        "Thank you, the drawings are right. Please go ahead.\n\nAnna\n",
        "203.0.113.20",
        answers=True,
    ),
    Letter(
        "orders@ferrovia-rail.example",
        "Ferrovia Rail, orders",
        f"sales@{DOMAIN}",
        "Question about the delivery dates of order 48120",
        "Hello Mr Okafor,\n\ncan the brake discs of order 48120 leave in two lots?\n",
        "203.0.113.24",
    ),
    Letter(
        "dispatch@alder-freight.example",
        "Alder Freight",
        f"logistics@{DOMAIN}",
        "Collection confirmed for Thursday",
        "Two pallets, collection on Thursday between 9 and 11. Reference AF-20911.\n",
        "203.0.113.31",
    ),
    Letter(
        "invoices@meridian-alloys.example",
        "Meridian Alloys",
        f"accounts@{DOMAIN}",
        "Invoice 2026-3381",
        "Your invoice is at https://portal.meridian-alloys.example/invoices/2026-3381\n",
        "203.0.113.45",
    ),
    Letter(
        "newsletter@foundry-weekly.example",
        "Foundry Weekly",
        f"mokafor@{DOMAIN}",
        "This week: bronze prices, a new standard for risers",
        "Read on at https://foundry-weekly.example/w36 "
        "or leave at https://foundry-weekly.example/bye\n",
        "203.0.113.60",
        mailing_list="<weekly.foundry-weekly.example>",
    ),
    Letter(
        f"jhaugen@{DOMAIN}",
        "Jon Haugen",
        f"all@{DOMAIN}",
        "Opening hours of the canteen",
        "From Monday the canteen opens at 11.15.\n",
        "10.20.0.5",
    ),
    Letter(
        f"tpereira@{DOMAIN}",
        "Teresa Pereira",
        f"mokafor@{DOMAIN}",
        "Minutes of the sales meeting",
        "The minutes are on the share. Next meeting on the 15th.\n",
        "10.20.0.5",
    ),
    Letter(
        "noreply@build.brackwater.example",
        "build-01",
        f"rlindqvist@{DOMAIN}",
        "Build 5512 passed",
        "All 840 tests passed. https://build-01.brackwater.example/5512\n",
        "10.20.0.9",
    ),
    Letter(
        "lena.voss@delft-coatings.example",
        "Lena Voss",
        f"purchasing@{DOMAIN}",
        "Re: Price list for the coming year",
        "The list will follow on Friday.\n\nLena\n",
        "203.0.113.72",
        answers=True,
    ),
)
"""Ordinary mail, of which each kind comes one or more times a day."""

# Where the library folds long lines differs between its versions; unfolded, bytes stay the same.
_POLICY: Final = SMTP.clone(max_line_length=998)
_REPEATED: Final = 4
"""How often a day a kind of ordinary message comes at most."""


def messages(seed: int) -> list[bytes]:
    """Return the day's messages, as bytes of RFC 5322, in the order of time."""
    numbers = dice(seed, "mail")
    sent = sorted(_letters(numbers), key=lambda item: item[0])
    return [_message(numbers, time, letter) for time, letter in sent]


def _letters(numbers: random.Random) -> Iterator[tuple[dt.datetime, Letter]]:
    for letter in ORDINARY:
        for _ in range(numbers.randint(1, _REPEATED)):
            yield moment_in(numbers, 6, 18), letter
    for number, letter in enumerate(LURES):
        yield at(9 + 2 * number, numbers.randrange(60), numbers.randrange(60)), letter


def _message(numbers: random.Random, time: dt.datetime, letter: Letter) -> bytes:
    time = time.replace(microsecond=0)
    domain = letter.sender.rsplit("@", 1)[1]
    envelope = letter.envelope or domain
    message = EmailMessage(policy=_POLICY)
    message["Return-Path"] = f"<bounce@{envelope}>" if letter.envelope else f"<{letter.sender}>"
    message["Delivered-To"] = letter.recipient
    message["Received"] = (
        f"from mail.{envelope} (mail.{envelope} [{letter.server}]) by mx1.{DOMAIN} with ESMTPS "
        f"id {numbers.getrandbits(40):010x} for <{letter.recipient}>; {format_datetime(time)}"
    )
    verdict = "pass" if letter.passes else "fail"
    message["Authentication-Results"] = (
        f"mx1.{DOMAIN}; spf={'pass' if letter.passes else 'softfail'} smtp.mailfrom={envelope}; "
        f"dkim={'pass' if letter.passes else 'none'} header.d={domain}; "
        f"dmarc={verdict} header.from={domain}"
    )
    message["Date"] = format_datetime(time)
    message["From"] = f'"{letter.name}" <{letter.sender}>'
    message["To"] = letter.recipient
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{numbers.getrandbits(64):016x}@{domain}>"
    if letter.answers:
        message["In-Reply-To"] = f"<{numbers.getrandbits(64):016x}@{DOMAIN}>"
    if letter.mailing_list:
        message["List-Id"] = letter.mailing_list
    message.set_content(letter.text)
    return message.as_bytes()
