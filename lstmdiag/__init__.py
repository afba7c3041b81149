"""lstmdiag: draw, count and explain recurrent networks from a YAML spec."""

__version__ = "0.1.0"
