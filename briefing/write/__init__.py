"""Writers: from an event's articles to a manuscript that cites passages.

Here are the choice of sentences and the writer that needs no model; `model/` has the one that asks a language model.
"""
