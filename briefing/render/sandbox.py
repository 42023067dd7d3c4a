"""Jinja's sandbox with an end to time, length and numbers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, nodes
from jinja2.filters import do_format
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

MAX_SECONDS = 60.0
MAX_TEXT = 10_000_000  # characters of one value
MAX_NUMBER = 1_000_000  # as an argument: widths, counts and repetitions
_MAX_BITS = 4096
_WIDTH = re.compile(r"\d{7}|\*")


class Runaway(Exception):
    """A template asks for more than any briefing needs."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates in it raise `Runaway` instead of running on; a loop and a call look at the clock.

    `finalize` escapes every printed value and returns Markup for what needs nothing more; `filters` are added to
    Jinja's own.
    """

    intercepted_binops = frozenset(("*", "**", "%", "+"))

    def __init__(
        self, loader: BaseLoader, finalize: Callable[[Any], Any], filters: Mapping[str, Callable[..., Any]]
    ) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            finalize=finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._deadline = time.monotonic() + MAX_SECONDS
        self.filters = {name: _bounded(function) for name, function in {**self.filters, **filters}.items()}
        self.filters["bounded loop"] = self._loop
        self.filters["bounded text"] = self._text
        self.globals.pop("lipsum")
        self.concat = self._join  # type: ignore[method-assign]  # Jinja joins captured blocks and macros with it

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """The parsed template, its loops and `~` made to pass through the limits below."""
        template: nodes.Template = _Bounds().visit(super()._parse(source, name, filename))
        return template

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A call, after a look at the clock and at how large its numbers are."""
        self._look_at_the_clock()
        _refuse_large(args, kwargs)
        return super().call(context, function, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator that can make much of little, with limits on what it takes and gives."""
        if operator == "%" and isinstance(left, str):
            _refuse_wide(left)
        if operator == "**" and abs(right) > 64:
            raise Runaway("takes a power beyond 64")
        if operator == "*" and (hasattr(left, "__len__") or hasattr(right, "__len__")):
            times, length = (right, len(left)) if hasattr(left, "__len__") else (left, len(right))
            if times * length > MAX_NUMBER:
                raise Runaway(f"repeats a value to more than {MAX_NUMBER:,} characters")
        result = super().call_binop(context, operator, left, right)
        if isinstance(result, int) and result.bit_length() > _MAX_BITS:
            raise Runaway(f"reckons with more than {_MAX_BITS} bits")
        return _short(result) if isinstance(result, str) else result

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """`str.format`, refused for forms that name great widths."""
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _refuse_wide(value.__self__)
        return wrapped

    def _loop(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self._look_at_the_clock()
            yield item

    def _text(self, parts: list[Any]) -> str:
        """What `~` joins: each part escaped by `finalize` as soon as one of them is Markup."""
        if any(isinstance(part, Markup) for part in parts) and self.finalize is not None:
            return Markup("").join(self.finalize(part) for part in parts)
        return _short("".join(str(part) for part in parts))

    def _join(self, parts: Iterable[str]) -> str:
        pieces, length = [], 0
        for part in parts:
            length += len(part)
            if length > MAX_TEXT:
                raise Runaway(f"puts more than {MAX_TEXT:,} characters into one value")
            pieces.append(part)
        return "".join(pieces)

    def _look_at_the_clock(self) -> None:
        if time.monotonic() > self._deadline:
            raise Runaway(f"takes longer than {MAX_SECONDS:.0f} seconds")


class _Bounds(NodeTransformer):
    """Sends every loop through `bounded loop` and every `~` through `bounded text`."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - Jinja's visitors are named after nodes
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, "bounded loop", [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802 - as above
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, "bounded text", [], [], None, None, lineno=node.lineno)


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that refuses large numbers and long results; `wraps` keeps what Jinja has marked on it."""

    @wraps(function)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        _refuse_large(args, kwargs)
        if function is do_format:
            _refuse_wide(args[0])
        result = function(*args, **kwargs)
        return _short(result) if isinstance(result, str) else result

    return bounded


def _refuse_large(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    if any(isinstance(value, int | float) and abs(value) > MAX_NUMBER for value in (*args, *kwargs.values())):
        raise Runaway(f"gives a number beyond {MAX_NUMBER:,} to a function")


def _refuse_wide(form: str) -> None:
    if _WIDTH.search(form):
        raise Runaway(f"formats to more than {MAX_NUMBER:,} characters")


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Runaway(f"puts more than {MAX_TEXT:,} characters into one value")
    return text
