"""Rewrites of a plan, one pure function a file: each takes a plan and gives an equal one."""
