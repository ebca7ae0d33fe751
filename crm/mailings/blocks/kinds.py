"""The basic kinds of blocks; other subjects add kinds of their own records (block_kinds.blocks)."""

from crm.base.block_kinds import BlockField, BlockKind, blocks

HOLDER = "columns"
"""The kind that holds blocks itself, two lists of them; none stands inside of another."""
LEVELS = [("1", "Large"), ("2", "Small")]
LABELS = {
    "heading": "Heading",
    "text": "Text",
    "button": "Button",
    "image": "Image",
    "quote": "Quote",
    "divider": "Line across",
    HOLDER: "Two columns",
}
FIELDS: dict[str, list[BlockField]] = {
    "heading": [BlockField("text", "Heading", "line"), BlockField("level", "Size", "choice", lambda: LEVELS)],
    "text": [BlockField("html", "Text", "rich")],
    "button": [BlockField("text", "Words", "line"), BlockField("url", "Leads to", "url")],
    "image": [
        BlockField("picture", "Picture", "picture"),
        BlockField("alt", "Description", "line", help="What it shows, for those who do not see it.", optional=True),
        BlockField("decorative", "It is decoration alone, and needs no description", "flag", optional=True),
        BlockField("url", "Leads to", "url", optional=True),
    ],
    "quote": [BlockField("text", "Words", "lines"), BlockField("by", "Who said it", "line", optional=True)],
}


def register() -> None:
    """Offer the kinds that need no record."""
    for place, (name, label) in enumerate(LABELS.items(), 1):
        blocks.add(name, BlockKind(label, FIELDS.get(name, []), place * 10))
