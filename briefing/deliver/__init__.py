"""Hands a finished edition over: here to a folder."""
