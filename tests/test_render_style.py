"""The colours of the page can be read in every theme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def style(root: Path) -> str:
    return (root / "templates" / "style.css.jinja").read_text(encoding="utf-8")


def themes(style: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The custom properties of the light, the dark and the printed theme."""
    light, dark, paper = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    base = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", light))
    for name, block in (("light", ""), ("dark", dark), ("print", paper)):
        yield name, base | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[position : position + 2], 16) / 255 for position in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_on_every_ground_has_contrast_enough_in_every_theme(style: str) -> None:
    pairs = 0
    for theme, properties in themes(style):
        texts = [name for name in properties if name.startswith("text")]
        grounds = [name for name in properties if name.startswith("ground")]
        for text, ground in product(texts, grounds):
            high, low = sorted((luminance(properties[text]), luminance(properties[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (theme, text, ground)
            pairs += 1
    assert pairs == 27


def test_colours_stand_in_the_custom_properties_alone(style: str) -> None:
    rules = re.sub(r":root \{.*?\}", "", style, flags=re.DOTALL)
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", rules)
