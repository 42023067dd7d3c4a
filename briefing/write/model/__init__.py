"""The writer that asks a language model.

`writer.py` is the writer, `event.py` the path of one event: `evidence.py` chooses what the model sees, `requests.py`
asks with `prompts.py`, `answer.py` reads, `citing.py` proves and completes citations, `replacement.py` stands in.
"""
