"""How many models are trained per CPU second: each engine beside a plain loop over torch.nn modules, in the same run.

Both see the same minibatches of the same data, drawn before; both run on one thread. A ratio is the median of five
rounds, in which the plain loop and the ensemble take turns. ``--gpu`` measures 4096 models in one batch on a GPU beside
a plain loop on one core: see ``docs/training-benchmarks.md``.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from solvers.training.engine import device, plain, vectorized
from solvers.training.engine.ensemble import Descent, Optimizer, Params, descend, differentiated, moving
from solvers.training.engine.feeds import Minibatches
from solvers.training.engine.losses import cross_entropy
from solvers.training.engine.networks.attention import Attention
from solvers.training.engine.networks.cnn import CNN
from solvers.training.engine.networks.ddpm import DDPM, betas
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.networks.recurrent import Recurrent
from solvers.training.engine.networks.vae import VAE
from solvers.training.engine.run import Run

ROUNDS = 5
MODELS = 64
BATCH, EXAMPLES, CLASSES, TOKENS, LATENT = 32, 256, 10, 11, 4


@dataclass(frozen=True)
class Work:
    """What is trained: by the ensemble in one loop, by the oracle one model at a time; ``aim`` is the ratio wanted."""

    what: str
    network: Any
    shape: tuple[int, ...]
    steps: int
    aim: float = 0
    adam: bool = False


WORKS = {
    "MLP": Work("MLP 20-64-64-10, SGD", MLP((20, 64, 64, CLASSES)), (20,), 100, 8),
    "MLP, Adam": Work("MLP 20-64-64-10, Adam", MLP((20, 64, 64, CLASSES)), (20,), 100, adam=True),
    "RNN": Work("RNN, 20 steps of 8 inputs, width 32", Recurrent("rnn", 8, 32, CLASSES), (20, 8), 30, 7),
    "RNN 16": Work("RNN, 20 steps of 8 inputs, width 16", Recurrent("rnn", 8, 16, CLASSES), (20, 8), 30, 7),
    "LSTM": Work("LSTM, 20 steps of 8 inputs, width 32", Recurrent("lstm", 8, 32, CLASSES), (20, 8), 20),
    "LSTM 16": Work("LSTM, 20 steps of 8 inputs, width 16", Recurrent("lstm", 8, 16, CLASSES), (20, 8), 20, 2),
    "GRU": Work("GRU, 20 steps of 8 inputs, width 32", Recurrent("gru", 8, 32, CLASSES), (20, 8), 20),
    "CNN": Work("CNN on 8 x 8 pixels, 8 and 16 channels", CNN(8, (8, 16), CLASSES), (8, 8, 1), 30, 2),
    "attention": Work("attention, 20 tokens, width 16", Attention(TOKENS, 20, 16, CLASSES), (20,), 30),
    "VAE": Work("VAE 64-32-4", VAE(64, 32, LATENT), (64,), 50),
    "DDPM": Work("DDPM in the plane, width 64", DDPM(2, 64, tuple(betas("linear", 50, last=0.2))), (2,), 50),
}


class Task:
    """One work with everything that is drawn for it."""

    def __init__(self, work: Work, models: int, place: str = "cpu") -> None:
        self.work, self.network, self.models = work, work.network, models
        self.run = run = Run(tuple(range(models)), place)
        tokens = isinstance(self.network, Attention)
        draw = partial(run.streams.below, TOKENS) if tokens else run.streams.normal
        x, y = draw("x", EXAMPLES, *work.shape), run.streams.below(CLASSES, "y", EXAMPLES)
        minibatches = Minibatches(run, 1, x, y, BATCH, work.steps)
        noise = run.streams.normal("noise", work.steps, BATCH, LATENT if isinstance(self.network, VAE) else 2)
        self.noise = run.tensor(noise).transpose(0, 1).contiguous()
        self.at = run.tensor(run.streams.below(50, "t", work.steps, BATCH)).transpose(0, 1).contiguous()
        self.held = device.Held(lambda step: (*minibatches(step), self.noise[step], self.at[step]))
        self.params: Params = self.network.init(run, 1)
        one = run.per_arm([1.0]) if work.adam else None
        self.rule = Optimizer(run.per_arm([0.001 if work.adam else 0.05]), adam=one)
        self.xs, self.ys, self.rows = run.tensor(x), run.tensor(y), minibatches.rows

    def ensemble(self) -> Params:
        """All models at once."""
        return device.train(self.descent(), self.held, moving(self.params), self.rule, self.work.steps)

    def descent(self) -> Descent:
        """How the ensemble finds losses and gradients."""
        network, held = self.network, self.held
        if isinstance(network, MLP):
            return lambda params, step: network.classify(params, *held(step)[:2])
        return differentiated(lambda params, step: self._losses(params, *held(step)))

    def _losses(self, params: Params, x: Tensor, y: Tensor, noise: Tensor, at: Tensor) -> Tensor:
        if isinstance(self.network, VAE):
            error, kl = self.network.parts(params, x, noise)
            return torch.add(error, kl)
        if isinstance(self.network, DDPM):
            errors: Tensor = self.network.errors(params, x, at, noise)
            return errors.mean(1)
        return cross_entropy(self.network(params, x), y)

    def alone(self, model: int) -> plain.Plain:
        """One model, as one would write it."""
        xs, ys, rows = self.xs[model], self.ys[model], self.rows[:, model] - model * EXAMPLES
        noise, at = self.noise[:, model], self.at[:, model]
        kept = codes = torch.empty(0)
        if isinstance(self.network, CNN):
            xs = xs.permute(0, 3, 1, 2).contiguous()
        if isinstance(self.network, DDPM):
            kept, codes = self.network.kept(xs), self.network.code(xs)

        def loss(module: plain.Plain, step: int) -> Tensor:
            x = xs[rows[step]]
            if isinstance(self.network, VAE):
                back, mean, logarithm = module(x, noise[step])
                kl = mean.square() + logarithm.exp() - 1 - logarithm
                return torch.add((back - x).square().sum(), kl.sum()) / (2 * BATCH)
            if isinstance(self.network, DDPM):
                now = kept[at[step]][:, None]
                seen = now.sqrt() * x + (1 - now).sqrt() * noise[step]
                return F.mse_loss(module(torch.cat([seen, codes[at[step]]], 1)), noise[step])
            return F.cross_entropy(module(x), ys[rows[step]])

        module = plain.module(self.network).load(self.params, model)
        return plain.train(module, self.rule, model, self.work.steps, loss)

    def vectorized(self) -> Params:
        """All models at once, by vmap."""
        modules = [plain.module(self.network).load(self.params, model) for model in range(self.models)]
        images = isinstance(self.network, CNN)

        def feed(step: int) -> tuple[Tensor, Tensor]:
            self.held.load(step)
            x, y = self.held(step)[:2]
            return x.permute(0, 1, 4, 2, 3) if images else x, y

        found = vectorized.descent(modules[0], F.cross_entropy, feed)
        return descend(found, vectorized.stacked(modules), self.rule, self.work.steps)


def spent(work: Callable[[], object]) -> float:
    """CPU seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


@dataclass(frozen=True)
class Figure:
    """Models per CPU second."""

    what: str
    plain: float
    ensemble: float
    ratio: float
    aim: float


def measured(name: str, models: int = MODELS, rounds: int = ROUNDS) -> Iterator[Figure]:
    """The figures of one kind of model, for each engine that can train it."""
    task = Task(WORKS[name], models)
    engines = {"": task.ensemble}
    if name in ("MLP", "CNN", "attention"):
        engines[" by vmap"] = task.vectorized
    few = max(1, models // 16)

    def alone() -> None:
        for model in range(few):
            task.alone(model)

    for work in (alone, *engines.values()):
        work()
    found = [(spent(alone) / few, [spent(work) / models for work in engines.values()]) for _ in range(rounds)]
    for place, engine in enumerate(engines):
        ratio = median(single / batched[place] for single, batched in found)
        single, batched = (1 / median(values) for values in zip(*((a, b[place]) for a, b in found), strict=True))
        aim = 0 if engine else task.work.aim
        yield Figure(task.work.what + engine, single, batched, ratio, aim)


def on_gpu(name: str, models: int = 4096) -> Figure:
    """Models per second of a GPU, all in one batch, beside those per CPU second of one core."""
    task, single = Task(WORKS[name], models, "cuda"), Task(WORKS[name], 4)
    single.alone(0)
    core = 1 / median(spent(partial(single.alone, model)) for model in (0, 1, 2))

    def batch() -> float:
        torch.cuda.synchronize()
        start = time.perf_counter()
        task.ensemble()
        torch.cuda.synchronize()
        return models / (time.perf_counter() - start)

    batch()
    card = median(batch() for _ in range(ROUNDS))
    return Figure(task.work.what, core, card, card / core, 150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *WORKS], help="kinds of models; all of them if none is told")
    parser.add_argument("--gpu", action="store_true", help="4096 models on a GPU beside one core")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    device.prepare("cuda" if options.gpu else "cpu")
    for name in options.names or WORKS:
        for figure in [on_gpu(name)] if options.gpu else measured(name):
            if options.json:
                print(json.dumps(vars(figure)), flush=True)
            else:
                aim = f", at least {figure.aim:g}" if figure.aim else ""
                print(
                    f"{figure.what}: {figure.plain:.3g} / {figure.ensemble:.3g}, {figure.ratio:.1f} times{aim}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
