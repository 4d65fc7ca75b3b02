"""Trains N = C x S models of one shape as one program: arms that are compared, times seeds.

``streams`` are the random numbers, ``networks`` the architectures, ``ensemble`` the updates, ``supervised`` the usual
loop, ``device`` where it runs. ``plain`` trains the same models one at a time with ``torch.nn``, for the tests.
"""
