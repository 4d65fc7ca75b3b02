"""Recurrent cells by experiments on torch.nn.LSTMCell, GRUCell, LSTM, GRU and RNN; no gate equation is written here."""

from collections.abc import Callable
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

import torch
from torch import Tensor, nn

from solvers.exact import Rational

_SHUT, _OPEN = -1000.0, 1000.0  # pre-activations at which a sigmoid is exactly 0 or 1 in float64


class Step(NamedTuple):
    """What an LSTM step gives, in float64."""

    i: float
    f: float
    g: float
    o: float
    kept: float
    admitted: float
    c: float
    squashed: float
    h: float


def lstm_step(i: Rational, f: Rational, g: Rational, o: Rational, c: Rational) -> Step:
    """One step of torch.nn.LSTMCell with pre-activations ln i, ln f, ln g, ln o; each gate is laid bare by the others.

    For example c_t = f_t when the input gate is shut and c_{t-1} = 1.
    """
    log_i, log_f, log_g, log_o = torch.log(torch.tensor([float(x) for x in (i, f, g, o)], dtype=torch.float64)).tolist()
    state = float(c)
    rows = [
        (log_i, log_f, log_g, log_o, state),
        (log_i, _SHUT, _OPEN, _OPEN, 0.0),  # c_t = i_t
        (_SHUT, log_f, log_g, _OPEN, 1.0),  # c_t = f_t
        (_OPEN, _SHUT, log_g, _OPEN, 0.0),  # c_t = g_t
        (_SHUT, _OPEN, log_g, log_o, 1000.0),  # h_t = o_t, since tanh(1000) = 1
        (_SHUT, log_f, log_g, log_o, state),  # c_t = f_t c_{t-1}
        (log_i, _SHUT, log_g, log_o, state),  # c_t = i_t g_t
        (log_i, log_f, log_g, _OPEN, state),  # h_t = tanh(c_t)
    ]
    data = torch.tensor(rows, dtype=torch.float64)
    with torch.no_grad():
        h, c_new = _gate_reader()(data[:, :4], (torch.zeros(len(rows), 1, dtype=torch.float64), data[:, 4:]))
    h_new, _, _, _, o_t, _, _, squashed = h[:, 0].tolist()
    state_new, i_t, f_t, g_t, _, kept, admitted, _ = c_new[:, 0].tolist()
    return Step(i_t, f_t, g_t, o_t, kept, admitted, state_new, squashed, h_new)


@lru_cache(maxsize=1)
def _gate_reader() -> nn.RNNCellBase:
    """A cell of one unit whose four inputs are its four pre-activations."""
    cell = _blank(nn.LSTMCell, 4, 1)
    cell.weight_ih.data.copy_(torch.eye(4))
    return cell


def _blank(kind: type[nn.RNNCellBase], d: int, n: int, fill: float = 0.0) -> nn.RNNCellBase:
    """A cell with every parameter equal to ``fill``, made without drawing from the global generator."""
    cell: nn.RNNCellBase = nn.utils.skip_init(kind, d, n, dtype=torch.float64)  # type: ignore[no-untyped-call]
    for parameter in cell.parameters():
        nn.init.constant_(parameter, fill)
    return cell


def parameter_sizes(cell: str, d: int, n: int, bias_vectors: int) -> dict[str, int]:
    """Numbers held by each tensor of a layer: torch's own RNN, GRU or LSTM for 0 or 2 bias vectors.

    With one bias vector a block is a ``Linear`` of the concatenation of x_t and h_{t-1}.
    """
    if bias_vectors == 1:
        blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[cell]
        maps = [nn.Linear(d + n, n, device="meta") for _ in range(blocks)]
        return {
            "input": sum(m.weight[:, :d].numel() for m in maps),
            "recurrent": sum(m.weight[:, d:].numel() for m in maps),
            "bias": sum(m.bias.numel() for m in maps),
        }
    layer = getattr(nn, cell)(d, n, bias=bias_vectors == 2, device="meta")
    sizes = {"input": 0, "recurrent": 0, "bias": 0}
    for name, parameter in layer.named_parameters():
        kind = "bias" if name.startswith("bias") else "input" if "_ih_" in name else "recurrent"
        sizes[kind] += parameter.numel()
    return sizes


@lru_cache
def row_blocks(cell: str, tensor: str) -> tuple[str, ...]:
    """Which gate each block of rows of ``tensor`` (``weight_ih``, ``weight_hh``, …) drives, found by overdriving it.

    Letters as in PyTorch's documentation: i, f, g, o for LSTM; r, z, n for GRU.
    """
    find = _lstm_block if cell == "LSTM" else _gru_block
    return tuple(find(tensor, block) for block in range(4 if cell == "LSTM" else 3))


def _lstm_block(tensor: str, block: int) -> str:
    def shut(c: float) -> tuple[float, float]:
        cell = _blank(nn.LSTMCell, 1, 1, 0.5)
        getattr(cell, tensor).data[block] = _SHUT
        one = torch.ones(1, 1, dtype=torch.float64)
        h_new, c_new = cell(one, (one, c * one))
        return h_new.item(), c_new.item()

    (_, from_empty), (h, from_full) = shut(0.0), shut(1.0)
    effects = {
        "o": h == 0 and from_full != 0,  # nothing is shown, yet the memory is there
        "f": from_full == from_empty,  # the old memory no longer matters
        "i": from_empty == 0 and from_full != 0,  # nothing new gets in
        "g": from_empty < 0,  # what gets in has turned negative
    }
    return _only(effects)


def _gru_block(tensor: str, block: int) -> str:
    def step(level: float) -> float:
        """The new state, from 0.25; all that is not driven makes the new content negative."""
        cell = _blank(nn.GRUCell, 1, 1, -0.5)
        getattr(cell, tensor).data[block] = level
        one = torch.ones(1, 1, dtype=torch.float64)
        new: float = cell(one, 0.25 * one).item()
        return new

    shut, opened = step(_SHUT), step(_OPEN)
    effects = {
        "z": abs(opened - 0.25) < 1e-12,  # the old state is copied
        "n": opened > 0.3,  # the new content has turned positive
        "r": opened < shut < 0.25,  # the old state, times its negative weight, takes part in the new content or not
    }
    return _only(effects)


def _only(effects: dict[str, bool]) -> str:
    (name,) = (name for name, seen in effects.items() if seen)
    return name


@lru_cache
def gate_roles() -> dict[str, str]:
    """What each part of an LSTM does, told from what torch.nn.LSTMCell no longer does when that part is shut."""
    meaning = {"f": "keeps", "i": "admits", "g": "proposes", "o": "shows"}
    names = {"f": "forget", "i": "input", "g": "candidate", "o": "output"}
    return {names[letter]: meaning[letter] for letter in row_blocks("LSTM", "bias_ih")}


@lru_cache
def runnable_stage_orders() -> frozenset[tuple[str, ...]]:
    """The orders of an LSTM's four stages in which each finds what it needs; they give what torch.nn.LSTMCell gives."""
    generator = torch.Generator().manual_seed(0)
    cell = _blank(nn.LSTMCell, 3, 2)
    for parameter in cell.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    x, h, c = (torch.randn(1, size, generator=generator, dtype=torch.float64) for size in (3, 2, 2))
    with torch.no_grad():
        target = torch.cat(cell(x, (h, c)))
        return frozenset(order for order in permutations(_stages(cell, x, h)) if _reaches(target, order, cell, x, h, c))


Memory = dict[str, Tensor]


def _stages(cell: nn.RNNCellBase, x: Tensor, h: Tensor) -> dict[str, Callable[[Memory], Memory]]:
    i, f, g, o = (x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh).chunk(4, 1)
    return {
        "forget": lambda m: {"forget": f.sigmoid()},
        "input": lambda m: {"input": i.sigmoid(), "candidate": g.tanh()},
        "cell": lambda m: {"new": m["forget"] * m["old"] + m["input"] * m["candidate"]},
        "output": lambda m: {"shown": o.sigmoid() * m["new"].tanh()},
    }


def _reaches(target: Tensor, order: tuple[str, ...], cell: nn.RNNCellBase, x: Tensor, h: Tensor, c: Tensor) -> bool:
    stages, memory = _stages(cell, x, h), {"old": c}
    try:
        for stage in order:
            memory |= stages[stage](memory)
    except KeyError:
        return False
    return bool(torch.allclose(torch.cat([memory["shown"], memory["new"]]), target, rtol=1e-12, atol=1e-12))
