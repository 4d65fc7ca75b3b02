"""The functions that formulas may call by name: how many arguments each takes, and its LaTeX."""

from typing import NamedTuple


class Function(NamedTuple):
    """``arity`` is the number of arguments, or None for one or more; ``#1`` in ``latex`` stands for the first one.

    Without a ``#`` the LaTeX is an operator that is written before its arguments.
    """

    arity: int | None
    latex: str


FUNCTIONS: dict[str, Function] = {
    "exp": Function(1, r"\exp"),
    "ln": Function(1, r"\ln"),
    "log2": Function(1, r"\log_2"),
    "log10": Function(1, r"\log_{10}"),
    "log": Function(2, r"\log_{#1}\left(#2\right)"),  # base, argument
    "sqrt": Function(1, r"\sqrt{#1}"),
    "root": Function(2, r"\sqrt[#1]{#2}"),  # degree, argument
    "abs": Function(1, r"\left|#1\right|"),
    "norm": Function(1, r"\left\|#1\right\|"),  # of a vector; of a matrix, Frobenius
    "norm1": Function(1, r"\left\|#1\right\|_1"),
    "floor": Function(1, r"\left\lfloor #1\right\rfloor"),
    "ceil": Function(1, r"\left\lceil #1\right\rceil"),
    "round": Function(1, r"\operatorname{round}"),
    "sign": Function(1, r"\operatorname{sgn}"),
    "max": Function(None, r"\max"),
    "min": Function(None, r"\min"),
    "mod": Function(2, r"#1 \bmod #2"),
    "factorial": Function(1, r"#1!"),
    "binomial": Function(2, r"\binom{#1}{#2}"),
    "gamma": Function(1, r"\Gamma"),
    "erf": Function(1, r"\operatorname{erf}"),
    "Phi": Function(1, r"\Phi"),  # standard normal distribution function
    "sigmoid": Function(1, r"\operatorname{sigmoid}"),
    "relu": Function(1, r"\operatorname{ReLU}"),
    "softplus": Function(1, r"\operatorname{softplus}"),
    "gelu": Function(1, r"\operatorname{GELU}"),
    "silu": Function(1, r"\operatorname{SiLU}"),
    "sin": Function(1, r"\sin"),
    "cos": Function(1, r"\cos"),
    "tan": Function(1, r"\tan"),
    "cot": Function(1, r"\cot"),
    "asin": Function(1, r"\arcsin"),
    "acos": Function(1, r"\arccos"),
    "atan": Function(1, r"\arctan"),
    "sinh": Function(1, r"\sinh"),
    "cosh": Function(1, r"\cosh"),
    "tanh": Function(1, r"\tanh"),
    "asinh": Function(1, r"\operatorname{arsinh}"),
    "acosh": Function(1, r"\operatorname{arcosh}"),
    "atanh": Function(1, r"\operatorname{artanh}"),
    "transpose": Function(1, r"#1^{\top}"),
    "inverse": Function(1, r"#1^{-1}"),  # of a matrix or a number
    "trace": Function(1, r"\operatorname{tr}"),
    "det": Function(1, r"\det"),
    "entry": Function(None, r"#1_{#2}"),  # of a vector or matrix, counted from 1
    "diag": Function(1, r"\operatorname{diag}"),
    "hadamard": Function(None, r"\odot"),
    "dot": Function(2, r"\left\langle #1, #2\right\rangle"),
    "softmax": Function(1, r"\operatorname{softmax}"),
    "ones": Function(0, r"\mathbf{1}"),
    "identity": Function(0, r"I"),
    "less": Function(2, r"\left[#1 < #2\right]"),  # 1 where it holds, 0 elsewhere
    "atmost": Function(2, r"\left[#1 \le #2\right]"),
    "equal": Function(2, r"\left[#1 = #2\right]"),
}


OPERATORS: dict[str, Function] = {
    "expectation": Function(2, r"\mathbb{E}_{#1}\left[#2\right]"),  # over what stands before the bar
    "variance": Function(2, r"\operatorname{Var}_{#1}\left[#2\right]"),
    "kl": Function(2, r"\mathrm{KL}\left(#1 \,\middle\|\, #2\right)"),
    "jsd": Function(2, r"\operatorname{JSD}\left(#1 \,\middle\|\, #2\right)"),  # ln 2 at most
    "entropy": Function(1, r"H\left(#1\right)"),
    "crossentropy": Function(2, r"H\left(#1, #2\right)"),
    "integral": Function(2, r"\int #2 \, d#1"),  # variable, integrand
    "total": Function(2, r"\sum_{#1} #2"),  # variable, summand: over all of its values
    "gradient": Function(2, r"\nabla_{#1} #2"),  # variable, function
    "partial": Function(2, r"\frac{\partial}{\partial #1} #2"),
    "derivative": Function(2, r"\frac{d}{d #1} #2"),
    "jacobian": Function(2, r"\frac{\partial #2}{\partial #1}"),  # a row for each entry of the function
    "normal": Function(3, r"\mathcal{N}\left(#1;\, #2,\, #3\right)"),  # variable, mean, variance
    "slice": Function(3, "#1_{#2:#3}"),  # indexed variable, first and last index
    "isequal": Function(2, "#1 = #2"),  # an equation
    "step": Function(1, r"\mathbf{1}\left[#1\right]"),
    "blank": Function(0, r"\boxed{\;?\;}"),  # what is asked
}
"""What derivations are made of besides: it averages, differentiates or compares, and students do not type it."""
