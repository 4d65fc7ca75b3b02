"""Where an ensemble is trained: a CPU, one thread a process, or a GPU, with the same bits again on either.

Memory is bounded by chunks of seeds: what comes of a model does not depend on those it is trained with. On a GPU small
steps are recorded as a graph, as launching their kernels one by one takes longer than they do.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from solvers.training.engine.ensemble import Descent, Optimizer, Params, Watch, descend, moving, trained
from solvers.training.engine.run import Run
from solvers.training.experiment import Curve, Experiment, Measured, Setting

CHUNKS = {"cpu": 128, "cuda": 4096}
"""So many seeds at most are trained at once."""
NO_MEMORY = ("can't allocate memory", "not enough memory")
"""What torch says where a CPU has no memory left; for a GPU it has an error of its own."""


def prepare(device: str) -> None:
    """One thread, as more would wait for each other; on a GPU, full precision and the same bits again."""
    torch.set_num_threads(1)
    if device.startswith("cuda"):
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        torch.use_deterministic_algorithms(True)
        setattr(torch.utils.deterministic, "fill_uninitialized_memory", False)  # noqa: B010


def measured(
    experiment: Experiment,
    setting: Setting,
    arms: Sequence[str],
    seeds: Sequence[int],
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
    chunk: int = 0,
) -> Measured:
    """Trains some arms of one group in chunks of seeds, smaller ones where the memory does not suffice.

    Raises MemoryError where a single seed does not fit.
    """
    found: list[Measured] = []
    waiting = list(seeds)
    size = chunk or CHUNKS[device.partition(":")[0]]
    while waiting:
        part = tuple(waiting[:size])
        try:
            found.append(experiment.measure(setting, arms, Run(part, device, dtype)))
        except RuntimeError as error:
            if not is_full(error):
                raise
            why = error
        else:
            del waiting[:size]
            continue
        if len(part) == 1:
            given = f"{experiment.name} with {len(arms)} arms and one seed"
            raise MemoryError(f"{given} does not fit in the memory of {device}") from why
        size = len(part) // 2
        torch.cuda.empty_cache()
    return joined(found)


def is_full(error: RuntimeError) -> bool:
    """Whether it says that there is no memory left."""
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in NO_MEMORY)


def joined(parts: Sequence[Measured]) -> Measured:
    """Chunks of seeds put together."""

    def together(pieces: Iterator[Mapping[str, Any]]) -> dict[str, Any]:
        listed = list(pieces)
        return {name: np.concatenate([piece[name] for piece in listed]) for name in listed[0]}

    return Measured(
        values={arm: together(part.values[arm] for part in parts) for arm in parts[0].values},
        curves={
            name: Curve(curve.x, together(part.curves[name].arms for part in parts))
            for name, curve in parts[0].curves.items()
        },
    )


# Graphs.


Fed: TypeAlias = Callable[[int], tuple[Tensor, ...]]
"""The number of a step to what it is fed with."""


class Held:
    """A feed that is told its step before it is asked; on a GPU its tensors stay in place, where a graph reads them."""

    def __init__(self, feed: Fed) -> None:
        self.feed = feed
        self.tensors = feed(0)
        self.stays = self.tensors[0].is_cuda
        if self.stays:
            self.tensors = tuple(part.clone() for part in self.tensors)

    def load(self, step: int) -> None:
        """The next calls give this step."""
        found = self.feed(step)
        if not self.stays:
            self.tensors = found
            return
        for place, part in zip(self.tensors, found, strict=True):
            place.copy_(part)

    def __call__(self, step: int) -> tuple[Tensor, ...]:
        """The tensors of the step that was loaded."""
        return self.tensors


def train(
    descent: Descent, held: Held, params: Params, rule: Optimizer, steps: int, watch: Watch | None = None
) -> Params:
    """``descend``, with graphs on a GPU. What ``descent`` reads of a step comes from ``held``, and nothing else."""
    if held.stays:
        return replayed(descent, held, params, rule, steps, watch, recorded)

    def loaded(params: Params, step: int) -> tuple[Tensor, Params]:
        held.load(step)
        return descent(params, step)

    return descend(loaded, params, rule, steps, watch)


def replayed(
    descent: Descent,
    held: Held,
    params: Params,
    rule: Optimizer,
    steps: int,
    watch: Watch | None,
    record: Callable[[Callable[[], None]], Callable[[], None]],
) -> Params:
    """The loop of two recordings: losses with their gradients, and the update. Between them one may watch."""
    losses = _rehearse(descent, params, rule)
    state = rule.start(params)
    gradients = {name: torch.zeros_like(p) for name, p in params.items() if trained(name)}

    def down() -> None:
        found, moved = descent(params, 0)
        losses.copy_(found)
        for name, gradient in gradients.items():
            gradient.copy_(moved[name])

    fall = record(down)
    move = record(lambda: state.step(params, gradients))
    for step in range(steps):
        held.load(step)
        fall()
        if watch is not None:
            watch(params, step, losses)
        move()
    return params


def _rehearse(descent: Descent, params: Params, rule: Optimizer) -> Tensor:
    """Some steps on a copy, so that libraries have set up what they cannot while a graph is recorded; the losses."""
    copies = moving(params)
    state = rule.start(copies)
    for _ in range(3):
        losses, gradients = descent(copies, 0)
        state.step(copies, gradients)
    return losses.clone()


def recorded(work: Callable[[], None]) -> Callable[[], None]:
    """A function as a CUDA graph; what it reads and writes must stay in place."""
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay
