"""Web pages: what a reader sees of them, the article in it, and what the page states of it."""
