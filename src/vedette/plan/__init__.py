"""What a query means, in one typed form that every language reads into and every engine runs.

Gives types, core operations, relations and expressions with the spans they came from, pure
rewrites from plan to plan, a check that derives every schema anew, and a printed form. Knows no
language and no engine.
"""
