"""Checking a dataset's folder: every fault named."""
