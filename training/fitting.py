"""Logistic regression over hashed features, one against all others for each intent."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from vernis.decide.replies.model import BUCKETS, INTENTS, Features, Model

INVERSE_PENALTY = 10.0


def matrix(found: Sequence[Features]) -> csr_matrix:
    """Replies in rows, buckets in columns."""
    flat = [one.row() for one in found]
    rows = np.repeat(np.arange(len(found)), [len(buckets) for buckets, _ in flat])
    columns = np.concatenate([buckets for buckets, _ in flat])
    values = np.concatenate([values for _, values in flat])
    return csr_matrix((values, (rows, columns)), shape=(len(found), BUCKETS))


def fit(rows: Sequence[Features], intents: NDArray[np.int64]) -> Model:
    """`intents` are places in INTENTS. The dual solver takes a second, the same way each time."""
    one = LogisticRegression(
        solver="liblinear", dual=True, C=INVERSE_PENALTY, max_iter=1000, random_state=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        fitted = OneVsRestClassifier(one).fit(matrix(rows), intents)
    weights = np.stack([part.coef_[0] for part in fitted.estimators_], axis=1)
    bias = np.array([part.intercept_[0] for part in fitted.estimators_])
    assert list(fitted.classes_) == list(range(len(INTENTS)))
    return Model(weights.astype(np.float32), bias.astype(np.float32), corpus="")
