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
