"""log p(x | context) in nats of a flow that submit/export.sh wrote; docs/interop.md describes the file."""
import json
import math

import numpy as np
import torch


def load(path):
    with np.load(path) as file:
        arrays = {name: torch.from_numpy(file[name]) for name in file.files}
    return json.loads(bytes(arrays.pop("config").numpy())), arrays


def network(a, prefix, h, residual):
    def affine(i, h):
        return h @ a[f"{prefix}W{i}"] + a[f"{prefix}b{i}"]

    last = sum(name.startswith(prefix + "W") for name in a) - 1
    if residual:
        h = affine(0, h)
        for i in range(1, last, 2):
            h = h + affine(i + 1, affine(i, h.relu()).relu())
    else:
        for i in range(last):
            h = affine(i, h).relu()
    return affine(last, h)


def along(curve, x):
    """The coordinate z of x, and log dz/dx."""
    u = (x - curve["location"]) / curve["scale"]
    log_slope = torch.full_like(u, -math.log(curve["scale"]) - math.log(curve["deviation"]))
    if curve["soft"]:
        log_slope, u = log_slope - torch.hypot(u, torch.ones_like(u)).log(), u.asinh()
    return (u - curve["mean"]) / curve["deviation"], log_slope


def mixed(layer, a, x, context):
    """The coordinates of the numbers, the context and the one-hot levels, and what both add to log p."""
    hots, costs, coordinates, log_det = [], [], [], x.new_zeros(len(x))
    free = math.log(2 * math.pi) / 2 + 0.5
    for v, kind in zip(x.T, layer["kinds"]):
        if kind["copied"] >= 0:
            original = x[:, kind["copied"]]
            levels = [(v == original) | (v.isnan() & original.isnan())]
        else:
            levels = [v == level for level in kind["levels"]] + [v.isnan()] * kind["missing"]
        other = ~torch.stack(levels).any(0) if levels else torch.ones_like(v, dtype=torch.bool)
        if levels:
            hots.append(torch.stack([*levels, other], 1))
            costs += [0] * len(levels) + [0 if kind["curve"]["deviation"] else math.log(kind["others"])]
        if kind["curve"]["deviation"]:
            z, log_slope = along(kind["curve"], v.double() + kind["whole"] / 2)
            coordinates.append(torch.where(other, z, 1 - 2 * (len(coordinates) % 2)).float())
            log_det = log_det + torch.where(other, log_slope, free).float()
    if len(coordinates) == 1:
        coordinates.append(torch.full_like(log_det, -1))
        log_det = log_det + free
    if hots:
        hot = torch.cat(hots, 1)
        context = torch.cat([context, hot.float()], 1)
        logits = layer["gain"] * network(a, "", context, False) + a["logFrequency"]
        logs = torch.cat([part.log_softmax(1) for part in logits.split([part.shape[1] for part in hots], 1)], 1)
        log_det = log_det + torch.where(hot, logs - torch.tensor(costs), 0).sum(1)
    return torch.stack(coordinates, 1) if coordinates else x[:, :0], context, log_det


def log_prob(config, arrays, x, context=None):
    """x [N, features], and context [N, context], the one-hot class, if the flow has one -> [N]"""
    context = x.new_zeros(len(x), 0) if context is None else context
    log_det = x.new_zeros(len(x))
    for i, layer in enumerate(config["layers"]):
        a = {name.split("_")[1]: array for name, array in arrays.items() if name.startswith(f"{i}_")}
        residual = layer.get("residual", False)
        if layer["type"] == "coupling":
            kept = a["mask"].bool()
            h = torch.cat([x[:, kept], context], 1)
            shared = layer["shared_network"]
            parts = [network(a, name, h, residual) for name in ([""] if shared else ["scale", "shift"])]
            s, t = parts[0].chunk(2, 1) if shared else parts
            x = x.clone()
            x[:, ~kept] = x[:, ~kept] * torch.tanh(s).exp() + t
            log_det = log_det + torch.tanh(s).sum(1)
        elif layer["type"] == "spline_coupling":
            kept = a["mask"].bool()
            v, bins, bound, least = x[:, ~kept], layer["bins"], layer["bound"], layer["least"]
            out = network(a, "", torch.cat([x[:, kept], context], 1), residual).unflatten(1, (3 * bins - 1, v.shape[1]))
            sizes = [2 * bound * (least + (1 - least * bins) * part.softmax(1)) for part in (out[:, :bins], out[:, bins : 2 * bins])]
            starts = [size.cumsum(1) - size - bound for size in sizes]
            slopes = torch.nn.functional.pad((3 * torch.tanh(out[:, 2 * bins :] / 3)).exp(), (0, 0, 1, 1), value=1.0)
            k = (v.unsqueeze(1) >= starts[0][:, 1:]).sum(1, keepdim=True)
            w, h, left, low, d, e = (
                part.gather(1, k).squeeze(1) for part in (*sizes, *starts, slopes[:, :-1], slopes[:, 1:])
            )
            r, s = (v - left) / w, h / w
            q = r * (1 - r)
            below = s + (d + e - 2 * s) * q
            slope = s**2 * (e * r**2 + 2 * s * q + d * (1 - r) ** 2) / below**2
            inside = v.abs() < bound
            x = x.clone()
            x[:, ~kept] = torch.where(inside, low + h * (s * r**2 + d * q) / below, v)
            log_det = log_det + torch.where(inside, slope, torch.ones_like(v)).log().sum(1)
        elif layer["type"] == "permutation":
            x = x[:, a["order"]]
        elif layer["type"] == "linear":
            lower = a["lu"].tril(-1) + torch.eye(len(a["lu"]))
            upper = a["lu"].triu(1) + torch.diag(a["sign"] * a["lu"].diagonal().exp())
            x = (x @ (lower @ upper).T)[:, a["order"]]
            log_det = log_det + a["lu"].trace()
        elif layer["type"] == "elementwise_affine":
            s, b = a["logScale"], a["shift"]
            if layer["conditional"]:
                s = s + 3 * torch.tanh(context @ a["contextLogScale"] / 3)
                b = b + context @ a["contextShift"]
            x = x * s.exp() + b
            log_det = log_det + s.sum(-1)
        elif layer["type"] == "context_embedding":
            context = context @ a["W"]
        elif layer["type"] == "mixed_features":
            x, context, terms = mixed(layer, a, x, context)
            log_det = log_det + terms
        elif layer["type"] == "standardization":
            x = (x - a["mean"]) / a["scale"]
            log_det = log_det - a["scale"].log().sum()
        elif layer["type"] == "batch_norm":
            var = a["var"] + layer["epsilon"]
            x = (x - a["mean"]) / var.sqrt() * a["logGamma"].exp() + a["beta"]
            log_det = log_det + (a["logGamma"] - var.log() / 2).sum()
        else:
            raise ValueError(f"layer {i} is {layer['type']}")
    return log_det - (x.square().sum(1) + x.shape[1] * math.log(2 * math.pi)) / 2
