"""The library in ten lines: `python examples/library.py` briefs the harbour corpus and prints each headline."""

import os
from pathlib import Path

from briefing.collect import collect
from briefing.dates import clock
from briefing.pipeline import Options, make

collected = collect([str(Path(__file__).parent / "harbour")])
edition = make(collected, Options(clock=clock(os.environ), date="2026-03-04"))
for event in edition.briefing.events:
    print(f"{event.headline.text} ({event.origins} independent origins)")
    for citation in event.sentences[0].citations:
        print(f"    {citation.article_id}[{citation.start}:{citation.end}] {citation.quote}")
