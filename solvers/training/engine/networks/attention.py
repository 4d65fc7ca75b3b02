"""Attention over short sequences of tokens: one or two layers, one head each, written out.

Embeddings are products with one-hot vectors: sums in a fixed order, on every device.
"""

from dataclasses import dataclass
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor

from solvers.training.engine.ensemble import Params
from solvers.training.engine.networks import layers
from solvers.training.engine.run import Run


@dataclass(frozen=True)
class Attention:
    """Embeddings of ``tokens``, ``depth`` blocks of attention (and of two layers of ``wide`` units, if any), outputs.

    Each block adds to its input. Without ``positions`` nothing tells where a token stands; with ``causal``, a place
    sees itself and those before it; ``scaled`` divides by sqrt(width) before the softmax. ``pooled`` outputs read the
    mean over all places, else there is an output for each place.
    """

    tokens: int
    length: int
    width: int
    outputs: int
    depth: int = 1
    wide: int = 0
    positions: bool = True
    causal: bool = False
    scaled: bool = True
    pooled: bool = True

    def init(self, run: Run, arms: int) -> Params:
        """Embeddings ``e`` (N, tokens, width), ``p`` (N, length, width); ``wq1`` … of each block; ``wo``, ``bo``."""
        found: Params = {}
        found["e"] = run.tensor(run.streams.normal("e", self.tokens, self.width), arms)
        if self.positions:
            found["p"] = run.tensor(run.streams.normal("p", self.length, self.width), arms)
        for block in range(1, self.depth + 1):
            for part in "qkvm":
                found |= layers.dense(run, arms, f"{part}{block}", self.width, self.width, "lecun", biased=False)
            if self.wide:
                found |= layers.dense(run, arms, f"f{block}", self.width, self.wide, "he")
                found |= layers.dense(run, arms, f"g{block}", self.wide, self.width, "lecun")
        return found | layers.dense(run, arms, "o", self.width, self.outputs, "lecun")

    def __call__(self, params: Params, tokens: Tensor) -> Tensor:
        """Outputs (N, B, out), or (N, B, T, out) for every place, for tokens (N, B, T)."""
        x = self.embed(params, tokens)
        for block in range(1, self.depth + 1):
            x = self._block(params, str(block), x)
        return layers.apply(params, "o", x.mean(2) if self.pooled else x)

    def embed(self, params: Params, tokens: Tensor) -> Tensor:
        """What the first block reads, (N, B, T, width)."""
        e = params["e"]
        hot = F.one_hot(tokens, self.tokens).to(e.dtype)
        x = torch.bmm(hot.flatten(1, 2), e).view(*tokens.shape, self.width)
        return x + params["p"][:, None, : tokens.shape[2]] if self.positions else x

    def scores(self, params: Params, block: str, x: Tensor) -> Tensor:
        """What goes into the softmax of a block, (N, B, T, T): rows ask, columns are looked at."""
        models, batch, length, _ = x.shape
        q, k = (layers.apply(params, f"{part}{block}", x).reshape(-1, length, self.width) for part in "qk")
        found = torch.bmm(q, k.transpose(1, 2)).view(models, batch, length, length)
        if self.scaled:
            found = found / sqrt(self.width)
        if self.causal:
            later = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
            found = found.masked_fill(later, -torch.inf)
        return found

    def _block(self, params: Params, block: str, x: Tensor) -> Tensor:
        length = x.shape[2]
        looked = self.scores(params, block, x).softmax(-1).view(-1, length, length)
        values = layers.apply(params, f"v{block}", x).reshape(-1, length, self.width)
        x = x + layers.apply(params, f"m{block}", torch.bmm(looked, values).view(x.shape))
        if self.wide:
            x = x + layers.apply(params, f"g{block}", layers.apply(params, f"f{block}", x).relu())
        return x
