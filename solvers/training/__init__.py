"""Trains ensembles of small models, and decides what may be asked of them.

One shape, C arms (configurations that are compared) and S seeds are one batched program: every tensor has a leading
axis of N = C x S models, arm by arm. What comes of it is a record (``records``), whose gates (``gates``) say whether
its answer is beyond doubt. Questions read records only; torch is loaded for training alone.
"""

ENGINE = 1
"""Raised when a change of the engine changes what is computed: records of another engine are trained anew."""
