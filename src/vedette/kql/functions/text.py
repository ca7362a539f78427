"""Text."""

from vedette.plan.library import function

FUNCTIONS = (
    function("strlen(text: string) -> long", "text_length(text)", ("strlen('hello')", "5"), ("strlen('⒦⒰⒮⒯⒪')", "5")),
    function("tolower(text: string) -> string", "text_lower(text)", ("tolower('Hello')", "'hello'")),
    function("toupper(text: string) -> string", "text_upper(text)", ("toupper('hello')", "'HELLO'")),
    function("replace_string(text: string, lookup: string, rewrite: string) -> string", "text_replace(text, lookup, rewrite)", ("replace_string('A magic trick can turn a cat into a dog', 'cat', 'hamster')", "'A magic trick can turn a hamster into a dog'")),
)  # fmt: skip
