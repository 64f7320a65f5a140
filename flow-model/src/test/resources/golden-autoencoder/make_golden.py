#!/usr/bin/env python3
"""Writes golden.json: a small autoencoder with fixed weights, and what PyTorch makes of it.

Images are 2x9x6, convolutions 2-3-4 (3x3, stride 2, padding 1, no bias), the code is 5 numbers. All in
double. Weights are sines, so that anyone can make them again. A tensor stands as its shape and its values
in row-major order; linear layers are [out, in], transposed convolutions [in, out, k, k], as PyTorch has them.
"""
import json
import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def sines(shape, phase, scale):
    count = math.prod(shape)
    return torch.tensor([scale * math.sin(1.7 * i + phase) for i in range(count)]).reshape(shape)


model = nn.Sequential(
    nn.Conv2d(2, 3, 3, 2, 1, bias=False), nn.ReLU(),
    nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.ReLU(),
    nn.Flatten(), nn.Linear(4 * 3 * 2, 5),
    nn.Linear(5, 4 * 3 * 2), nn.ReLU(), nn.Unflatten(1, (4, 3, 2)),
    nn.ConvTranspose2d(4, 3, 3, 2, 1, output_padding=(0, 0)), nn.ReLU(),
    nn.ConvTranspose2d(3, 2, 3, 2, 1, output_padding=(0, 1)))
for number, parameter in enumerate(model.parameters()):
    parameter.data = sines(parameter.shape, 0.3 * number, 0.4)

images = 0.5 + sines((4, 2, 9, 6), 0.1, 0.5)
codes = model[:6](images)
logits = model(images)
loss = F.binary_cross_entropy_with_logits(logits, images)
loss.backward()


def tensor(values):
    return {"shape": list(values.shape), "values": values.detach().flatten().tolist()}


json.dump({
    "torch": torch.__version__,
    "parameters": {name: tensor(p) for name, p in model.named_parameters()},
    "gradients": {name: tensor(p.grad) for name, p in model.named_parameters()},
    "images": tensor(images),
    "codes": tensor(codes),
    "reconstructions": tensor(torch.sigmoid(logits)),
    "loss": loss.item(),
}, open(sys.argv[1], "w"), indent=1)
