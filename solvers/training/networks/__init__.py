"""Architectures, one a file, written for N models at once.

A network is a frozen value with ``init(run, arms)``, the parameters of all arms (N, …), equal where the seeds are, and a
call ``network(params, x)`` on inputs (N, B, …). Its twin of plain ``torch.nn`` modules is in ``plain``, for the tests.
"""
