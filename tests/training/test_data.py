"""Data have the law that is stated, and too many examples are refused."""

import numpy as np
import pytest

from solvers.training.engine import data
from solvers.training.engine.streams import Streams

STREAMS = Streams((3, 5))
SIZES = {"breast_cancer": (569, 30, 2), "digits": (1797, 64, 10), "iris": (150, 4, 3), "wine": (178, 13, 3)}


@pytest.mark.parametrize("name", data.SHIPPED)
def test_shipped(name: str) -> None:
    examples, features, classes = SIZES[name]
    x, y = data.shipped(name)
    assert x.shape == (examples, features)
    assert set(y.tolist()) == set(range(classes))
    if name == "digits":
        assert (x.min(), x.max()) == (0, 1)
    else:
        assert np.allclose(x.mean(0), 0)
        assert np.allclose(x.std(0), 1)
    assert len(data.digest(name)) == 64


def test_a_split_has_every_example_once() -> None:
    (x, y), (others, _) = data.split(STREAMS, "iris", 101, 49)
    assert x.shape == (2, 101, 4)
    assert y.shape == (2, 101)
    for seed in range(2):
        both = np.concatenate([x[seed], others[seed]])
        assert np.array_equal(np.sort(both, 0), np.sort(data.shipped("iris")[0], 0))
    assert not np.array_equal(x[0], x[1])
    assert np.array_equal(data.split(STREAMS, "iris", 7)[0][0], x[:, :7])


@pytest.mark.parametrize(("train", "test"), [(101, 50), (151, 0), (0, 5), (5, -1)])
def test_too_many_examples_are_refused(train: int, test: int) -> None:
    with pytest.raises(ValueError, match=rf"{train} \+ {test} examples cannot be taken from the 150 of iris"):
        data.split(STREAMS, "iris", train, test)


def test_unknown_data() -> None:
    with pytest.raises(ValueError, match="no data set has the name 'mnist': there are breast_cancer, digits"):
        data.shipped("mnist")


def test_labels() -> None:
    y = np.zeros((2, 5000), dtype=np.int64)
    assert abs((data.relabelled(STREAMS, y, 0.2, 10) != 0).mean() - 0.18) < 0.03
    y = np.arange(14).reshape(2, 7)
    shuffled = data.shuffled(STREAMS, y)
    assert np.array_equal(np.sort(shuffled), y)
    assert not np.array_equal(shuffled, y)


def test_planes() -> None:
    x, y = data.blobs(STREAMS, "train", 5000, separation=3.0, share=0.1)
    assert abs(y.mean() - 0.1) < 0.02
    assert abs(x[y == 1][:, 0].mean() - x[y == 0][:, 0].mean() - 3) < 0.2
    assert abs(x[:, :, 1].std() - 1) < 0.05
    x, y = data.xor(STREAMS, "train", 97)
    assert np.array_equal(y, (x[:, :, 0] * x[:, :, 1] < 0).astype(int))
    points = data.ring(STREAMS, "train", 97, radius=2.0, noise=0.0)
    assert np.allclose(np.hypot(points[:, :, 0], points[:, :, 1]), 2)
    x, y = data.clusters(STREAMS, "train", 97, classes=5, separation=9.0, dimension=3)
    others, labels = data.clusters(STREAMS, "test", 97, classes=5, separation=9.0, dimension=3)
    for kind in range(5):
        assert np.linalg.norm(x[0][y[0] == kind].mean(0) - others[0][labels[0] == kind].mean(0)) < 2
    x, targets = data.regression(
        STREAMS, "train", 11, weights=np.array([1.0, -2.0]), deviations=np.array([1.0, 3.0]), noise=0.0
    )
    assert np.allclose(targets[:, :, 0], x[:, :, 0] - 2 * x[:, :, 1])


def test_sequences() -> None:
    tokens, y = data.recall(STREAMS, "train", 97, length=7, kinds=5)
    assert np.array_equal(tokens[:, :, 0], y)
    assert tokens[:, :, 1:].min() >= 5
    assert tokens.max() < 10
    tokens, y = data.before(STREAMS, "train", 97, length=7, kinds=5)
    assert ((tokens == 0).sum(-1) == 1).all()
    assert ((tokens == 1).sum(-1) == 1).all()
    assert np.array_equal(y, (tokens == 0).argmax(-1) < (tokens == 1).argmax(-1))
    tokens, y = data.more(STREAMS, "train", 97, length=7)
    assert np.array_equal(y, tokens.sum(-1) > 3)
    assert data.one_hot(tokens, 2).shape == (2, 97, 7, 2)
    assert set(data.tokens(STREAMS, "train", 97, length=7, kinds=3).flatten().tolist()) == {0, 1, 2}


def test_shifted_images() -> None:
    images = np.arange(1.0, 19).reshape(1, 2, 9).repeat(2, 0)
    shifts = np.array([[[0, 0], [2, -1]]] * 2)
    found = data.placed(images, 3, 7, shifts).reshape(2, 2, 7, 7)
    assert np.array_equal(found[0, 0, 2:5, 2:5], images[0, 0].reshape(3, 3))
    assert np.array_equal(found[1, 1, 4:7, 1:4], images[0, 1].reshape(3, 3))
    assert found.sum() == images.sum()
    with pytest.raises(ValueError, match="images of 3 pixels, shifted by up to 3, leave a canvas of 7"):
        data.placed(images, 3, 7, shifts + 1)
