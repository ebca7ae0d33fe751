"""The kinds of signed addresses that mail is sent in to, as upper rooms register them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm.base.registries import Registry


@dataclass(frozen=True)
class WayIn:
    """A kind of signed address that mail is sent in to, beside those for copies of mail.

    `address` finds one in the head of a mail. `knows` tells whether that one is ours and present. `take` gets the mail
    (inbound's Copy) and the address, keeps it once however often it comes, and returns inbound's Outcome; no commit.
    """

    address: re.Pattern[str]
    knows: Callable[[str], bool]
    take: Callable[[Any, str], Any]


ways_in: Registry[WayIn] = Registry()
