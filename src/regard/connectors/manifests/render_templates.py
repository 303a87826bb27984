"""Templates of a manifest, rendered in a sandbox that hostile ones cannot leave, fill or keep busy.

Attributes with underscores and whatever changes its object are closed (Jinja's immutable sandbox); loops do
not nest; sums, products and texts are bounded; formatting with widths, macros and includes do not exist.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import TemplateError, UndefinedError, nodes
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError
from jinja2.parser import Parser
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from regard.connectors.connector_contract import SettingsRefusedError
from regard.connectors.manifests.template_words import FILTERS, METHODS, TellTime, bounded, list_functions

_LONGEST_TEMPLATE = 20_000
_KEPT_TEMPLATES = 2_000
_SAFE_INTEGER = 2**53
_MOST_RANGE = 10_000
_BIGGEST_POWER = 64
_CLOSED_NODES = (
    nodes.Macro, nodes.CallBlock, nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block,
)  # fmt: skip
# Methods and filters that make long texts out of short arguments.
_CLOSED_METHODS = frozenset({
    "ljust", "rjust", "center", "zfill", "expandtabs", "format", "format_map", "translate",
})  # fmt: skip
_CLOSED_FILTERS = (
    "center", "indent", "format", "wordwrap", "urlize", "xmlattr", "pprint", "batch", "slice", "random",
)  # fmt: skip
# What fails in a template -> in words; the first that fits.
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (SecurityError, "it uses what manifests may not use"),
    (TemplateError, "it cannot be read; correct its brackets and its words"),
    (ZeroDivisionError, "it divides by zero"),
    (ArithmeticError, "a number in it is too large"),
    (LookupError, "it asks a list or object for what it does not hold"),
    (TypeError, "it works on a value of another kind, such as text with a number"),
    (AttributeError, "it asks a value for what such values do not have"),
    (ValueError, "a value in it cannot be read as the number or time that it should be"),
)
_FALSE = frozenset({"", "false", "{}", "[]", "()", "0", "0.0", "none", "set()"})


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401
        return attr not in _CLOSED_METHODS and super().is_safe_attribute(obj, attr, value)

    def call(self, context: Any, method: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        holder = getattr(method, "__self__", None)
        bounded_method = METHODS.get(getattr(method, "__name__", "")) if isinstance(holder, str) else None
        if bounded_method is not None:
            return bounded_method(holder, *args[:2])
        return super().call(context, method, *args, **named)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        if operator == "**" and not (_is_small(left, 10**6) and _is_small(right, _BIGGEST_POWER)):
            raise SecurityError("the power is too large")
        if operator == "%" and isinstance(left, str | bytes):
            raise SecurityError("formatting with % is not supported")
        if operator == "*" and (_size(left) or _size(right)) and _size(left) * _size(right, right) > 100_000:
            raise SecurityError("the product is too large")
        return bounded(super().call_binop(context, operator, left, right))

    def _generate(self, source: nodes.Template, *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        _check_nodes(source)
        _replace_joins(source)
        return super()._generate(source, *rest, **more)


def _is_small(value: Any, most: int) -> bool:  # noqa: ANN401
    return isinstance(value, int | float) and abs(value) <= most


def _size(value: Any, number: Any = 0) -> int:  # noqa: ANN401
    if isinstance(value, str | bytes | list | tuple):
        return len(value)
    return abs(int(number)) if isinstance(number, int) else 0


def _check_nodes(tree: nodes.Template) -> None:
    for kind in _CLOSED_NODES:
        if tree.find(kind) is not None:
            raise SecurityError(f"{kind.__name__.lower()} is not supported in templates")
    for loop in tree.find_all(nodes.For):
        if loop.recursive or _holds(loop.body, nodes.For):
            raise SecurityError("loops in loops are not supported in templates")
        if _holds(loop.body, nodes.Assign):
            raise SecurityError("set in a loop is not supported in templates")


def _holds(body: list[nodes.Node], kind: type[nodes.Node]) -> bool:
    return any(isinstance(one, kind) or one.find(kind) is not None for one in body)


def _replace_joins(node: nodes.Node) -> None:
    """`a ~ b` becomes the sum of two texts, which is bounded."""
    for name, value in list(node.iter_fields()):
        children = value if isinstance(value, list) else [value]
        for place, child in enumerate(children):
            if not isinstance(child, nodes.Node):
                continue
            _replace_joins(child)
            if isinstance(child, nodes.Concat):
                parts = [nodes.Filter(part, "string", [], [], None, None) for part in child.nodes]
                total: nodes.Expr = parts[0]
                for part in parts[1:]:
                    total = nodes.Add(total, part)
                if isinstance(value, list):
                    value[place] = total
                else:
                    setattr(node, name, total)


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > _MOST_RANGE:
        raise ValueError("the range is too long")
    return numbers


class Templates:
    """Renders the templates of one manifest; `config` is what the user set."""

    def __init__(self, config: Mapping[str, Any], clock: TellTime) -> None:
        self.config = config
        self._environment = _open_sandbox()
        self._environment.globals.update({**list_functions(clock), "range": _short_range, "dict": dict})
        self._compile = lru_cache(_KEPT_TEMPLATES)(self._load)

    def check(self, text: str) -> None:
        """Raises `SettingsRefusedError` when a template cannot be used."""
        self._compile(text)

    def value(self, text: Any, **context: Any) -> Any:  # noqa: ANN401 - templates give any value
        """What a template gives: texts that look like a number, list, true … become that; None for nothing.

        What is not text, or has no template in it, is given as it is.
        """
        if not isinstance(text, str) or not has_template(text):
            return text
        found = self._run(text, context)
        if isinstance(found, str):
            return _read_literal(found) if found else None
        if isinstance(found, int) and not isinstance(found, bool) and abs(found) > _SAFE_INTEGER:
            return str(found)
        if isinstance(found, Undefined):
            return None
        return found if found is None or isinstance(found, bool | int | float | list | dict) else str(found)

    def text(self, text: Any, **context: Any) -> str:  # noqa: ANN401
        """What a template gives, as text; empty for nothing."""
        if not isinstance(text, str) or not has_template(text):
            return "" if text is None else str(text)
        found = self._run(text, context)
        return "" if found is None or isinstance(found, Undefined) else str(found)

    def test(self, text: Any, **context: Any) -> bool:  # noqa: ANN401
        """Whether a condition holds; one that asks for what is not there does not."""
        if not isinstance(text, str) or not has_template(text):
            return str(text).strip().lower() not in _FALSE
        try:
            found = self._run(text, context)
        except _MissingError:
            return False
        return str(found).strip().lower() not in _FALSE if isinstance(found, str) else bool(found)

    def tree(self, value: Any, **context: Any) -> Any:  # noqa: ANN401
        """A JSON value with all templates in it rendered; members that give nothing are left out."""
        if isinstance(value, Mapping):
            pairs = ((self.text(key, **context), self.tree(one, **context)) for key, one in value.items())
            return {key: one for key, one in pairs if key and one is not None}
        if isinstance(value, list):
            return [self.tree(one, **context) for one in value]
        try:
            return self.value(value, **context)
        except _MissingError:
            return None

    def _run(self, text: str, context: Mapping[str, Any]) -> Any:  # noqa: ANN401
        try:
            return bounded(self._compile(text)({"config": self.config, **context}))
        except UndefinedError as error:
            raise _MissingError(f"the template “{_shorten(text)}” asks for what is not there") from error
        except SettingsRefusedError:
            raise
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise TemplateFailsError(
                f"the template “{_shorten(text)}” of the manifest fails: {_tell_fault(error)}"
            ) from error

    def _load(self, text: str) -> Callable[[Mapping[str, Any]], Any]:
        code, is_expression = _compile(text)
        globals_ = self._environment.make_globals(None)
        template = self._environment.template_class.from_code(self._environment, code, globals_)
        return TemplateExpression(template, undefined_to_none=False) if is_expression else template.render


def _tell_fault(error: Exception) -> str:
    """What went wrong, in words; the error's own words may quote values."""
    return next(words for kind, words in _FAULTS if isinstance(error, kind))


class TemplateFailsError(SettingsRefusedError):
    """A template of the manifest cannot be read or breaks on these data."""

    code = "template_fails"


class _MissingError(TemplateFailsError):
    """A template asks for a member of something that is not there."""


def _open_sandbox() -> _Sandbox:
    sandbox = _Sandbox(autoescape=False)
    sandbox.filters.update(FILTERS)
    for name in _CLOSED_FILTERS:
        sandbox.filters.pop(name, None)
    sandbox.globals.clear()
    return sandbox


@lru_cache(_KEPT_TEMPLATES)
def _compile(text: str) -> tuple[CodeType, bool]:
    """The code of a template, and whether it is one expression, whose value is kept as it is.

    Code holds no settings and no clock, so every manifest that says the same shares it.
    """
    if len(text) > _LONGEST_TEMPLATE:
        raise TemplateFailsError(f"a template of the manifest is longer than {_LONGEST_TEMPLATE:,} signs")
    sandbox = _open_sandbox()
    try:
        expression = _single_expression(sandbox, text)
        if expression is None:
            return sandbox.compile(text), False
        # `TemplateExpression` gives what the template assigns to `result`.
        parsed = Parser(sandbox, expression, state="variable").parse_expression()
        body: list[nodes.Node] = [nodes.Assign(nodes.Name("result", "store"), parsed, lineno=1)]
        template = nodes.Template(body, lineno=1)
        template.set_environment(sandbox)
        return sandbox.compile(template), True
    except (TemplateError, RecursionError, SyntaxError) as error:
        raise TemplateFailsError(
            f"the template “{_shorten(text)}” of the manifest cannot be used: {error}"
        ) from error


def has_template(text: str) -> bool:
    """Whether there is anything to render."""
    return "{{" in text or "{%" in text


def _single_expression(environment: ImmutableSandboxedEnvironment, text: str) -> str | None:
    """What stands between the braces when the text is one expression and nothing else."""
    body = environment.parse(text.strip()).body
    if len(body) == 1 and isinstance(body[0], nodes.Output):
        parts = body[0].nodes
        if len(parts) == 1 and not isinstance(parts[0], nodes.TemplateData):
            inside = text.strip()[2:-2]
            inside = inside[1:] if inside[:1] in {"-", "+"} else inside
            return inside[:-1] if inside[-1:] in {"-", "+"} else inside
    return None


def _read_literal(text: str) -> Any:  # noqa: ANN401
    """Lists, numbers … that a text spells; a number only when it is spelt as it would be written."""
    if text[0] not in "[{('\"-0123456789TFN":
        return text
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text
    if isinstance(found, bool) or found is None or isinstance(found, list | dict | str):
        return found
    if isinstance(found, int | float) and str(found) == text and abs(found) <= _SAFE_INTEGER:
        return found
    return text


def _shorten(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."
