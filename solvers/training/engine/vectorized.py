"""The engine for whatever has no hand-batched network: a plain module, vectorized over models by ``torch.func``."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, stack_module_state, vmap

from solvers.training.engine.ensemble import Descent, Params

Fed: TypeAlias = Callable[[int], tuple[Tensor, ...]]
"""The number of a step to what goes into the module, and then into the loss: (N, …) each."""


def stacked(modules: Sequence[nn.Module]) -> Params:
    """The parameters of modules of one shape, (N, …) each, by torch's names."""
    params, buffers = stack_module_state(list(modules))
    assert not buffers, "statistics would be changed in place"
    return {name: p.detach() for name, p in params.items()}


def descent(module: nn.Module, loss: Callable[..., Tensor], feed: Fed) -> Descent:
    """Losses and gradients of N models; ``loss(outputs, *rest)`` is that of one, ``module`` says how it computes.

    What is random must be fed; a module must not look at its values to decide what to do.
    """

    def single(params: Params, x: Tensor, *rest: Tensor) -> Tensor:
        return loss(functional_call(module, params, (x,)), *rest)

    batched = vmap(grad_and_value(single))

    def found(params: Params, step: int) -> tuple[Tensor, Params]:
        gradients, losses = batched(params, *feed(step))
        return losses, gradients

    return found
