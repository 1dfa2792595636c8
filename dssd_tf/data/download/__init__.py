"""Fetching a known dataset from the public archive."""
