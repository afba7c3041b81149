"""Diagrams and tables as text."""
