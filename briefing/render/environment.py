"""Templates run in a sandbox: no way out, no missing variable, no end without a limit.

A template's own text is trusted. Every value that it prints is escaped for the form at hand: by Jinja's autoescape for
HTML, by `escape.markdown` for Markdown; plain text needs none.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, TemplateNotFound, TemplateSyntaxError
from markupsafe import Markup

from briefing.errors import UsageError
from briefing.render.escape import markdown, wrap
from briefing.render.folders import template_folder
from briefing.render.links import Url
from briefing.render.sandbox import Runaway, Sandbox

Form = Literal["html", "md", "txt"]

MAX_OUTPUT = 50_000_000  # characters


def fill(name: str, form: Form, values: Mapping[str, object], own: Path | None = None) -> str:
    """The template `name` filled with `values`. Templates in the folder `own` win over ours and can extend ours.

    Raises UsageError that names the template and the line where it cannot be read, misses a variable, leads out of
    its folder, fails, or has no end.
    """
    try:
        return _collect(Sandbox(_loader(own), _FINALIZE[form], {"wrap": wrap}), name, values)
    except UsageError:
        raise
    except TemplateSyntaxError as error:
        raise UsageError(f"template {error.filename or error.name}:{error.lineno}: {error.message}") from error
    except TemplateNotFound as error:
        looked = " and ".join(str(folder) for folder in (own, template_folder()) if folder is not None)
        raise UsageError(f"{_place(error, name)}there is no template {error.name!r} in {looked}") from error
    except Exception as error:  # a user's template can raise anything
        raise UsageError(f"{_place(error, name)}{str(error) or type(error).__name__}") from error


def check_templates(own: Path | None) -> None:
    """Raises UsageError where a user's folder of templates is not there, or one in it cannot be read."""
    if own is None:
        return
    sandbox = Sandbox(_loader(own), _FINALIZE["txt"], {"wrap": wrap})
    for path in sorted(own.glob("*.jinja")):
        try:
            sandbox.get_template(path.name)
        except TemplateSyntaxError as error:
            raise UsageError(f"template {error.filename or error.name}:{error.lineno}: {error.message}") from error


def _collect(environment: Sandbox, name: str, values: Mapping[str, object]) -> str:
    pieces, length = [], 0
    for piece in environment.get_template(name).generate(values):
        length += len(piece)
        if length > MAX_OUTPUT:
            raise Runaway(f"writes more than {MAX_OUTPUT:,} characters")
        pieces.append(piece)
    return "".join(pieces)


def _place(error: BaseException, name: str) -> str:
    """`template FILE:LINE: ` of the innermost template that the error came through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".jinja")]
    return f"template {frames[-1].filename}:{frames[-1].lineno}: " if frames else f"template {name}: "


class _Folder(FileSystemLoader):
    """The templates of one folder. A link that leads out of it is refused; so is, by Jinja, a name with `..`."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        try:
            source, filename, unchanged = super().get_source(environment, template)
        except UnicodeDecodeError as error:
            raise UsageError(f"template {template} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
        except TemplateNotFound:  # an OSError by descent; the next folder may have it
            raise
        except OSError as error:
            raise UsageError(f"cannot read template {template}: {error.strerror}") from error
        if not any(Path(filename).resolve().is_relative_to(Path(folder).resolve()) for folder in self.searchpath):
            raise UsageError(f"template {filename} leads out of its folder: copy the file there instead of a link")
        return source, filename, unchanged


def _loader(own: Path | None) -> ChoiceLoader:
    ours = _Folder(template_folder())
    if own is None:
        return ChoiceLoader([ours, PrefixLoader({"briefing": ours})])
    if not own.is_dir():
        raise UsageError(f"there is no template folder {own}: `briefing templates {own}` makes one")
    return ChoiceLoader([_Folder(own), ours, PrefixLoader({"briefing": ours})])


# The view has made every value visible text on one line; what is left is to escape it.
def _as_html(value: Any) -> Any:
    return "" if value is None else value


def _as_markdown(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, Url):  # the target of a link: nothing left to escape but what reads like an entity
        return Markup(value.replace("&", "&amp;"))  # noqa: S704 - Markdown, and percent-encoded by `safe_url`
    if isinstance(value, Markup):
        return value
    return Markup(markdown(str(value)))  # noqa: S704 - Markdown, escaped by `markdown`


def _as_text(value: Any) -> Any:
    return "" if value is None else Markup(str(value))  # noqa: S704 - plain text, where nothing is markup


_FINALIZE: dict[Form, Callable[[Any], Any]] = {"html": _as_html, "md": _as_markdown, "txt": _as_text}
