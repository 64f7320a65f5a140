#!/usr/bin/env python3
"""scikit-learn's detectors of anomalies on the rows of submit/bench.sh --detection.

  detection_peer.py --rows ROWS.npz --ranks RANKS.npz --seed N

ROWS.npz has the arrays x, the rows to learn from, and test, the rows to score. Both are standardised by the mean and the deviation of x.
RANKS.npz gets an array of int64 for each detector: the rank of the score of each row of test, the greater the stranger; equal scores have
equal ranks. If test has the same rows as x, the nearest neighbours of a row are other rows. Detectors have scikit-learn's defaults if
nothing else is said here.

Needs scikit-learn and NumPy (Debian: python3-sklearn).
"""

import argparse
import warnings

import numpy
from sklearn.covariance import MinCovDet
from sklearn.ensemble import IsolationForest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.preprocessing import StandardScaler

NEIGHBOURS = 5
# What is added to the variances of a mixture's components, so that none shrinks to a point.
RIDGE = 1e-3


def isolation_forest(train, test, seed):
    return -IsolationForest(random_state=seed).fit(train).score_samples(test)


def nearest_neighbours(train, test, seed):
    """The distance to the fifth nearest other row."""
    others = NEIGHBOURS + (test is train)
    return NearestNeighbors(n_neighbors=others).fit(train).kneighbors(test)[0][:, -1]


def local_outlier_factor(train, test, seed):
    if test is train:
        return -LocalOutlierFactor().fit(train).negative_outlier_factor_
    return -LocalOutlierFactor(novelty=True).fit(train).score_samples(test)


def gaussian(train, test, seed):
    return -GaussianMixture(1, reg_covar=RIDGE).fit(train).score_samples(test)


def gaussian_mixture(train, test, seed):
    """Ten Gaussians, or fewer so that each has fifty rows."""
    components = max(1, min(10, len(train) // 50))
    return -GaussianMixture(components, reg_covar=RIDGE, random_state=seed).fit(train).score_samples(test)


def robust_covariance(train, test, seed):
    return MinCovDet(random_state=seed).fit(train).mahalanobis(test)


DETECTORS = isolation_forest, nearest_neighbours, local_outlier_factor, gaussian, gaussian_mixture, robust_covariance


def ranks(scores):
    """NaN counts as infinite."""
    return numpy.unique(numpy.where(numpy.isnan(scores), numpy.inf, scores), return_inverse=True)[1].astype(numpy.int64)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", required=True)
    parser.add_argument("--ranks", required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    # Of matrices that are nearly singular, and of mixtures that are not quite done.
    warnings.simplefilter("ignore")

    rows = numpy.load(options.rows)
    x, test = (rows[name].astype(numpy.float64) for name in ("x", "test"))
    scaler = StandardScaler().fit(x)
    train = scaler.transform(x)
    test = train if numpy.array_equal(x, test) else scaler.transform(test)
    numpy.savez(options.ranks, **{detector.__name__: ranks(detector(train, test, options.seed)) for detector in DETECTORS})


if __name__ == "__main__":
    main()
