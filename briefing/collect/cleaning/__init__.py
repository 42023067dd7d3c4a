"""From what was read to a clean article: furniture out, bylines and labels read, nothing guessed."""
