"""What readers reach by https: the way out of a list. A small server for one page, to stand behind a proxy."""
