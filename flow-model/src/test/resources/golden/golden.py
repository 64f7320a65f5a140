#!/usr/bin/env python3
"""Writes golden.json: a small conditional RealNVP with fixed weights, and its log-probabilities.

Plain NumPy, float64, written from the equations of Dinh et al. 2017 (Density estimation using Real
NVP) in their masked form: the conditioner reads [context, b x], D + C wide, and gives 2 D values, of
which those of kept features are multiplied by zero. The weights are then cut to the rows and columns
that matter, which is how the Java layers hold them. Run: python3 golden.py > golden.json
"""
import json

import numpy as np

FEATURES, CONTEXT, HIDDEN, BLOCKS, ROWS = 5, 3, 7, 3, 6
EPS = 1e-5

random = np.random.default_rng(20240817)


def linear(inputs, outputs):
    return random.normal(0, 0.6, (inputs, outputs)), random.normal(0, 0.3, outputs)


def coupling(x, y, mask, layers):
    h = np.concatenate([y, x * mask], 1)
    for i, (weight, bias) in enumerate(layers):
        h = h @ weight + bias
        if i < len(layers) - 1:
            h = np.maximum(h, 0)
    s = np.tanh(h[:, :FEATURES]) * (1 - mask)
    t = h[:, FEATURES:] * (1 - mask)
    return x * mask + (1 - mask) * (x * np.exp(s) + t), s.sum(1)


def batch_norm(x, log_gamma, beta, mean, var):
    z = (x - mean) / np.sqrt(var + EPS) * np.exp(log_gamma) + beta
    return z, np.full(len(x), (log_gamma - 0.5 * np.log(var + EPS)).sum())


def cut(layers, mask):
    """The same network without what is multiplied by zero; its inputs are kept features, context."""
    kept, changed = np.flatnonzero(mask == 1), np.flatnonzero(mask == 0)
    first, last = layers[0], layers[-1]
    rows = np.concatenate([CONTEXT + kept, np.arange(CONTEXT)])
    columns = np.concatenate([changed, FEATURES + changed])
    return [(first[0][rows], first[1]), *layers[1:-1], (last[0][:, columns], last[1][columns])]


def main():
    mask = np.arange(FEATURES) % 2.0
    x = random.normal(0, 2, (ROWS, FEATURES))
    y = random.normal(0, 1, (ROWS, CONTEXT))
    flow, z, log_det = [], x, 0
    for _ in range(BLOCKS):
        layers = [linear(FEATURES + CONTEXT, HIDDEN), linear(HIDDEN, HIDDEN), linear(HIDDEN, 2 * FEATURES)]
        z, d = coupling(z, y, mask, layers)
        log_det = log_det + d
        parts = cut(layers, mask)
        flow.append(dict(type="coupling", kept=(mask == 1).tolist(), hidden=[HIDDEN, HIDDEN],
                         weights=[w.tolist() for w, _ in parts], biases=[b.tolist() for _, b in parts]))
        order = random.permutation(FEATURES)
        z = z[:, order]
        flow.append(dict(type="permutation", order=order.tolist()))
        norm = dict(logGamma=random.normal(0, 0.3, FEATURES), beta=random.normal(0, 0.3, FEATURES),
                    mean=random.normal(0, 0.5, FEATURES), var=random.uniform(0.3, 3, FEATURES))
        z, d = batch_norm(z, *norm.values())
        log_det = log_det + d
        flow.append(dict(type="batchNorm", **{k: v.tolist() for k, v in norm.items()}))
    log_prob = log_det - 0.5 * (z * z + np.log(2 * np.pi)).sum(1)
    print(json.dumps(dict(features=FEATURES, context=CONTEXT, layers=flow, inputs=x.tolist(),
                          contexts=y.tolist(), outputs=z.tolist(), logDet=log_det.tolist(),
                          logProb=log_prob.tolist()), indent=1))


if __name__ == "__main__":
    main()
