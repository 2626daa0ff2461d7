"""Score normalisation: how similar is too similar, for a query that looks like everything?

A black or blurred query is similar to every video, so its scores mean less than those of others.
How much less is told by videos that are known to show something else: the normalised score is

    similarity - beta x similarity of the query to its nearest neighbour among unrelated videos

and can be compared across queries. It changes no query's own ranking. For descriptors that are
compared by their inner product it is one more dimension, so that a search index needs no change:
the query's holds -beta x that similarity, every reference's holds 1.

Source: Pizzi et al., "The 2023 Video Similarity Dataset and Challenge", arXiv 2306.09489.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from videoalignment.errors import FeatureMismatchError, OptionError

BETA = 1.2
_BLOCK = 1024  # queries whose similarities to all unrelated videos are in memory together


def score_normalised(
    similarities: ArrayLike, unrelated: ArrayLike, *, beta: float = BETA
) -> np.ndarray:
    """Normalise similarities, whatever they were computed by.

    Args:
        similarities: of Q queries to N videos, shape (Q, N).
        unrelated: of the same queries to U videos known to be unrelated, shape (Q, U).
        beta: how much of the nearest one's similarity is taken off; 1 to 1.2 is usual.

    Returns:
        Normalised similarities, float64, shape (Q, N).

    Raises:
        OptionError: `beta` is not finite or below 0, or the similarities are not those of as many
            queries, at least one unrelated video each.
    """
    check_beta("beta", beta)
    scores, others = np.asarray(similarities, np.float64), np.asarray(unrelated, np.float64)
    if scores.ndim != 2 or others.ndim != 2 or len(scores) != len(others) or not others.shape[1]:
        raise OptionError(
            f"similarities of shape {scores.shape} and `unrelated` of {others.shape}: expected a "
            "row for each query in both, and at least one unrelated video"
        )
    normalised: np.ndarray = scores - beta * others.max(1, keepdims=True)
    return normalised


def extended_queries(queries: ArrayLike, unrelated: ArrayLike, *, beta: float = BETA) -> np.ndarray:
    """Add the dimension that normalises scores to the descriptors of queries.

    The inner product with `extended_references` is the normalised similarity.

    Args:
        queries: descriptors that are compared by their inner product, shape (Q, d).
        unrelated: descriptors of videos known to be unrelated to all queries, shape (U, d), U > 0.
        beta: as for `score_normalised`.

    Returns:
        float32, shape (Q, d + 1).

    Raises:
        OptionError: `beta` is not finite or below 0, or there is no unrelated video.
        FeatureMismatchError: the descriptors differ in d.
    """
    check_beta("beta", beta)
    own, others = _descriptors(queries), _descriptors(unrelated)
    if not len(others):
        raise OptionError("`unrelated`: expected the descriptor of at least one video")
    if own.shape[1] != others.shape[1]:
        raise FeatureMismatchError(
            f"queries of {own.shape[1]} dimensions and `unrelated` of {others.shape[1]}; make "
            "both in the same way"
        )
    blocks = (own[i : i + _BLOCK] @ others.T for i in range(0, len(own), _BLOCK))
    nearest = np.concatenate([np.zeros(0, np.float32), *(block.max(1) for block in blocks)])
    return np.column_stack([own, -beta * nearest]).astype(np.float32)


def extended_references(references: ArrayLike) -> np.ndarray:
    """Add the dimension that answers to that of `extended_queries`, 1 everywhere.

    Args:
        references: descriptors, shape (N, d).

    Returns:
        float32, shape (N, d + 1).
    """
    own = _descriptors(references)
    return np.column_stack([own, np.ones(len(own), np.float32)])


def check_beta(name: str, beta: float) -> None:
    """Refuse a share of similarity that is none.

    Raises:
        OptionError: it is not finite or below 0; the message names the parameter.
    """
    if not (math.isfinite(beta) and beta >= 0):
        raise OptionError(f"`{name}` {beta!r}: expected a finite number from 0")


def _descriptors(array: ArrayLike) -> np.ndarray:
    descriptors = np.asarray(array, np.float32)
    if descriptors.ndim != 2:
        raise OptionError(f"descriptors of shape {descriptors.shape}: expected (videos, d)")
    return descriptors
