"""The maths, told once: expressions over a small alphabet, cells made of them, and their readings.

`expr` is the alphabet, `cell` ties equations to states, weights and options; `shapes`, `counts` and
`formulas` are readings, each a table from operation to function.
"""
