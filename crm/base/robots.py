"""Requests that say of themselves that no person makes them: scanners, previews, prefetchers, libraries."""

import re

from werkzeug.datastructures import Headers

# Names that they give themselves; an empty name is none of a browser either.
ROBOT = re.compile(
    r"bot\b|crawl|spider|slurp|scan|preview|prefetch|proxy|monitor|barracuda|proofpoint|mimecast|safelinks|"
    r"bitdefender|fortinet|symantec|sophos|zscaler|ironport|cloudmark|kaspersky|virustotal|trend ?micro|checkpoint|"
    r"headless|phantom|selenium|puppeteer|playwright|curl|wget|python|java/|go-http|okhttp|axios|libwww|httpclient|"
    r"node|undici|guzzle|cfnetwork|ms-?office|microsoft office|office existence|feedfetcher|"
    r"whatsapp|telegram|slack|discord|facebookexternalhit|skypeuri",
    re.IGNORECASE,
)


def gives_itself_away(method: str, headers: Headers) -> bool:
    """Tell whether it says of itself that no person follows the link: no GET, no page to be shown, no browser."""
    name = headers.get("User-Agent", "")
    if method != "GET" or not name or ROBOT.search(name) or headers.get("From"):
        return True
    if headers.get("Sec-Purpose") or headers.get("Purpose") or headers.get("X-Moz") or headers.get("X-Purpose"):
        return True  # Fetched ahead, in case somebody follows it.
    # Browsers say which languages their reader knows, and that they open a page (Fetch Metadata, W3C).
    return not headers.get("Accept-Language") or headers.get("Sec-Fetch-Dest", "document") not in ("document", "iframe")
