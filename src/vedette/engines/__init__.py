"""What carries a plan out: the protocol all engines keep, and the staged SELECTs they share.

Each engine is a package of its own beneath this one and imports no other engine.
"""
