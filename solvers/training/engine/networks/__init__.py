"""Architectures, one a file, written for N models at once.

A network is a frozen value with ``init(run, arms)``, the parameters of all arms (N, …), equal where the seeds are, and
a call ``network(params, x)`` on inputs (N, B, …). ``plain`` has its twin of ``torch.nn`` modules,
for the tests.
"""
