"""Many lines of a log at once: what is regular in a text, as columns, each equal to the way of one.

What is not regular is left to the readers, which take it line by line.
"""
