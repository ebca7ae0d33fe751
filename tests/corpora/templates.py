"""Payloads against template engines: each must come out as the text it is, or be refused."""

PRODUCT = "1787569"
"""What stands nowhere in our pages and mails, unless a template engine has multiplied."""
EXPRESSIONS = [
    "1337*1337",
    "config",
    "config.items()",
    "self.__init__.__globals__",
    "''.__class__.__mro__[1].__subclasses__()",
    "request.application.__globals__.__builtins__.__import__('os').popen('id').read()",
    "cycler.__init__.__globals__.os.popen('id').read()",
    "lipsum.__globals__['os'].popen('id').read()",
    "namespace.__init__.__globals__",
    "get_flashed_messages.__globals__['current_app'].config",
    "url_for.__globals__",
    "first_name.__class__",
    "first_name | upper",
    "first_name|attr('__class__')",
    "first_name | default: first_name",
    'first_name | default: "a" | safe',
    "first_name[0]",
    "first_name()",
    "env.SECRET_KEY",
    "SECRET_KEY",
    "secret_key",
    "email",
    "id",
]
WRAPPERS = [
    "{{{{{}}}}}",
    "{{{{ {} }}}}",
    "{{%{}%}}",
    "{{% print({}) %}}",
    "${{{}}}",
    "#{{{}}}",
    "<%= {} %>",
    "*{{{}}}",
    "{{#{}#}}",
    "[[{}]]",
    "@({})",
    "{{{{= {} }}}}",
]
PAYLOADS = [wrapper.format(expression) for wrapper in WRAPPERS for expression in EXPRESSIONS]
PRODUCTS = [
    "1337 * 1337",
    "1337**2",
    "1787568+1",
    "1787570-1",
    "3575138//2",
    "'17'~'87569'",
    "'17'+'87569'",
    "['17','87569']|join",
    "'1x787569'.replace('x','')",
    "'%s87569'|format(17)",
    "1337|times:1337",
    "'17'|append:'87569'",
    "1337 | multiply: 1337",
]
MORE_WRAPPERS = [
    "{{{{- {} -}}}}",
    "{{{{{{{}}}}}}}",
    "{{{{ {} | safe }}}}",
    "{{{{ {}|e }}}}",
    "{{{{ ({}) }}}}",
    "{{{{'a' if 1}}}}{{{{ {} }}}}",
    "{{%- print {} -%}}",
    "{{% set x={} %}}{{{{ x }}}}",
    "{{% assign x = {} %}}{{{{ x }}}}",
    "{{% for x in [{}] %}}{{{{ x }}}}{{% endfor %}}",
    "{{% if 1 %}}{{{{ {} }}}}{{% endif %}}",
    "{{% raw %}}{{% endraw %}}{{{{ {} }}}}",
    "{{% endblock %}}{{{{ {} }}}}",
    "${{{{{}}}}}",
    "#set($x={})$x",
    "<#assign x={}>${{x}}",
    "<?= {} ?>",
    "[% {} %]",
    "<% print {} %>",
    "%{{{}}}",
    "<mj-text>{{{{ {} }}}}</mj-text>",
    "<mj-raw>{{{{ {} }}}}</mj-raw>",
    "{{{{html.raw {}}}}}",
    "&#123;&#123; {} &#125;&#125;",
    "\\{{\\{{ {} \\}}\\}}",
    "{{\n{{ {} }}\n}}",
    "%({})s",
    "{{0.__class__}}%(x)s {{{{ {} }}}}",
]
EVERY = list(
    dict.fromkeys(
        PAYLOADS + [one.format(product) for one in [*WRAPPERS, *MORE_WRAPPERS] for product in ["1337*1337", *PRODUCTS]]
    )
)
EVERY += [one.format(said) for one in MORE_WRAPPERS for said in EXPRESSIONS if one.format(said) not in set(EVERY)]
"""All of them, many more: for what renders many at once."""
