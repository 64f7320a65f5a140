#!/usr/bin/env python3
"""PyTorch doing the work of submit/bench.sh: the same models, minibatches and numbers of rows, on the CPU.

Prints one JSON object: the seconds that each of the works named by --work takes.

  ae_epoch_s     an epoch of the autoencoder over 60,000 images, the better of two
  flow_epoch_s   an epoch of the flow over 60,000 rows, the better of two
  spline_epoch_s  the same of a flow with spline couplings
  extract_70k_s  the codes of 70,000 images, the forward pass alone
  score_100k_s   log p(x | class) of 100,000 rows under each of ten classes
  spline_score_100k_s  the same under the flow with spline couplings
  sample_500k_s  500,000 rows from the flow, in turn from each class
  flow_to_loss_s  20 epochs of the flow on given embeddings with the minibatches and the step size that serve PyTorch best (1,600 rows,
                 4e-3, falling to 0), validation excluded, and the loss that it comes to, flow_to_loss_nats; means of three trainings

With --fraction less than 1 only that share of the rows is processed, and the seconds are scaled up to all rows.

Needs PyTorch and NumPy with a tuned BLAS (Debian: python3-torch and libopenblas0-openmp). The program replaces itself by one
with the environment in which PyTorch is fastest: a malloc that keeps freed blocks of any size instead of returning them to
the kernel at each step, and OpenBLAS's own choice of kernels, because a current OpenBLAS chooses well.
"""

import argparse
import gzip
import json
import os
import sys
import time

UNSET = "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS"
KEEP_FREED_BLOCKS = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}

# Before NumPy and PyTorch, which read the environment when they load.
if __name__ == "__main__" and any(os.environ.get(name) != value for name, value in KEEP_FREED_BLOCKS.items()):
    for unset in UNSET:
        os.environ.pop(unset, None)
    os.environ.update(KEEP_FREED_BLOCKS)
    os.execv(sys.executable, [sys.executable, *sys.argv])

import numpy
import torch
from torch.nn import functional

FEATURES, CLASSES, COUPLINGS, HIDDEN = 20, 10, 9, 200
BINS, BOUND, LEAST = 8, 3.0, 1e-3
TO_LOSS_EPOCHS, TO_LOSS_TRAININGS, L2 = 20, 3, 1e-5
CHUNK = 1000  # Rows at a time if nothing is trained.


def read_idx(folder, name, header):
    """The bytes of one IDX file, packed with gzip or not, after its header."""
    path = os.path.join(folder, name)
    opened = gzip.open(path + ".gz") if os.path.exists(path + ".gz") else open(path, "rb")
    with opened as file:
        return torch.from_numpy(numpy.frombuffer(file.read(), numpy.uint8, offset=header).copy())


def read_training_images(folder, fraction):
    pixels = read_idx(folder, "train-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)
    labels = read_idx(folder, "train-labels-idx1-ubyte", 8)
    rows = max(1, round(len(pixels) * fraction))
    return pixels[:rows].float() / 255, labels[:rows].long()


def build_autoencoder():
    """Encoder and decoder."""
    nn = torch.nn
    stride = dict(kernel_size=3, stride=2, padding=1)
    encoder = nn.Sequential(
        nn.Conv2d(1, 32, bias=False, **stride),
        nn.ReLU(),
        nn.Conv2d(32, 64, bias=False, **stride),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, FEATURES),
    )
    decoder = nn.Sequential(
        nn.Linear(FEATURES, 64 * 7 * 7),
        nn.ReLU(),
        nn.Unflatten(1, (64, 7, 7)),
        nn.ConvTranspose2d(64, 32, output_padding=1, **stride),
        nn.ReLU(),
        nn.ConvTranspose2d(32, 1, output_padding=1, **stride),
    )
    return encoder, decoder


def conditioner(inputs, outputs):
    """The network of a coupling."""
    nn = torch.nn
    return nn.Sequential(
        nn.Linear(inputs, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, outputs),
    )


class AffineCoupling(torch.nn.Module):
    """Of x, the odd features are kept, and the even ones become x exp(s) + t with (s, t) = network(context, kept features)."""

    def __init__(self):
        super().__init__()
        self.network = conditioner(CLASSES + FEATURES, 2 * FEATURES)
        odd = torch.arange(FEATURES).remainder(2).float()
        self.register_buffer("kept", odd)
        self.register_buffer("changed", 1 - odd)

    def log_scale_and_shift(self, x, context):
        log_scale, shift = self.network(torch.cat((context, self.kept * x), dim=1)).split(FEATURES, dim=1)
        return self.changed * log_scale.tanh(), self.changed * shift

    def forward(self, x, context):
        log_scale, shift = self.log_scale_and_shift(x, context)
        return x * log_scale.exp() + shift, log_scale.sum(1)

    def inverse(self, z, context):
        log_scale, shift = self.log_scale_and_shift(z, context)
        return (z - shift) * (-log_scale).exp()


class SplineCoupling(torch.nn.Module):
    """A monotonic rational-quadratic spline per even feature (Durkan et al. 2019, appendix A.1), by network(context, odd features).

    Within [-BOUND, BOUND] it has BINS bins; beyond, x stays as it is. Of the network's outputs, [N, 3 BINS - 1, changed features], the
    first BINS give the widths of the bins by a softmax, the next BINS their heights, and the others the slopes exp(3 tanh(u / 3))
    between them. This order of the axes is faster than the other one.
    """

    def __init__(self):
        super().__init__()
        self.changed = FEATURES // 2
        self.network = conditioner(CLASSES + FEATURES // 2, (3 * BINS - 1) * self.changed)

    def forward(self, x, context):
        value, kept = x[:, 0::2], x[:, 1::2]
        out = self.network(torch.cat((context, kept), dim=1)).unflatten(1, (3 * BINS - 1, self.changed))
        sizes = 2 * BOUND * LEAST + 2 * BOUND * (1 - LEAST * BINS) * out[:, : 2 * BINS].unflatten(1, (2, BINS)).softmax(2)
        starts = sizes.cumsum(2) - sizes - BOUND
        slopes = functional.pad((3 * torch.tanh(out[:, 2 * BINS :] / 3)).exp(), (0, 0, 1, 1), value=1.0)
        # Clamped, so that the branch that is not taken has finite gradients.
        v = value.clamp(-BOUND, BOUND)
        k = (v.unsqueeze(1) >= starts[:, 0, 1:]).sum(1, keepdim=True)
        both = k.unsqueeze(1).expand(-1, 2, -1, -1)
        width, height = sizes.gather(2, both).squeeze(2).unbind(1)
        left, low = starts.gather(2, both).squeeze(2).unbind(1)
        first, last = slopes.gather(1, k).squeeze(1), slopes.gather(1, k + 1).squeeze(1)
        r, s = (v - left) / width, height / width
        rest = 1 - r
        q = r * rest
        below = s + (first + last - 2 * s) * q
        z = low + height * (s * r * r + first * q) / below
        slope = s * s * (last * r * r + 2 * s * q + first * rest * rest) / (below * below)
        inside = value.abs() < BOUND
        z = torch.where(inside, z, value)
        return torch.stack((z, kept), dim=2).flatten(1), torch.where(inside, slope, 1.0).log().sum(1)


class Block(torch.nn.Module):
    """A coupling, a linear map and a batch normalization.

    The map is P L U, a permutation and two triangular matrices: those of lu below and above its diagonal, with ones and exp(lu's
    diagonal) on it.
    """

    def __init__(self, coupling):
        super().__init__()
        nn = torch.nn
        self.coupling = coupling
        self.lu = nn.Parameter(torch.zeros(FEATURES, FEATURES))
        self.log_gamma = nn.Parameter(torch.zeros(FEATURES))
        self.beta = nn.Parameter(torch.zeros(FEATURES))
        permutation = torch.randperm(FEATURES)
        self.register_buffer("permutation", permutation)
        self.register_buffer("one", torch.eye(FEATURES))
        self.register_buffer("running_mean", torch.zeros(FEATURES))
        self.register_buffer("running_var", torch.ones(FEATURES))

    def linear_map(self):
        """The matrix, and log |det|."""
        log_diagonal = self.lu.diagonal()
        lower = self.lu.tril(-1) + self.one
        upper = self.lu.triu(1) + log_diagonal.exp().diag()
        return (lower @ upper)[self.permutation], log_diagonal.sum()

    def moments(self, x):
        if not self.training:
            return self.running_mean, self.running_var
        mean, var = x.mean(0), x.var(0)
        with torch.no_grad():
            self.running_mean.mul_(0.9).add_(mean, alpha=0.1)
            self.running_var.mul_(0.9).add_(var, alpha=0.1)
        return mean, var

    def forward(self, x, context):
        """Towards the base distribution: outputs, and log |det J| a row."""
        x, change = self.coupling(x, context)
        matrix, log_det = self.linear_map()
        x = x @ matrix.T
        mean, var = self.moments(x)
        var = var + 1e-5
        x = (x - mean) / var.sqrt() * self.log_gamma.exp() + self.beta
        return x, change + log_det + (self.log_gamma - var.log() / 2).sum()

    def inverse(self, z, context):
        spread = (self.running_var + 1e-5).sqrt() * (-self.log_gamma).exp()
        x = ((z - self.beta) * spread + self.running_mean) @ self.linear_map()[0].inverse().T
        return self.coupling.inverse(x, context)


class Flow(torch.nn.Module):
    def __init__(self, coupling=AffineCoupling):
        super().__init__()
        self.blocks = torch.nn.ModuleList(Block(coupling()) for _ in range(COUPLINGS))

    def log_prob(self, x, context):
        """Nats a row."""
        log_det = 0
        for block in self.blocks:
            x, change = block(x, context)
            log_det = log_det + change
        return log_det - x.square().sum(1) / 2 - FEATURES / 2 * numpy.log(2 * numpy.pi)

    def sample(self, context):
        x = torch.randn(len(context), FEATURES)
        for block in reversed(self.blocks):
            x = block.inverse(x, context)
        return x


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def train_epoch(parameters, rows, batch, learning_rate, loss_of):
    """A function that trains one epoch, over minibatches in a new random order."""
    optimizer = torch.optim.Adam(parameters, lr=learning_rate, weight_decay=L2)

    def epoch():
        for chosen in torch.randperm(rows).split(batch):
            optimizer.zero_grad()
            loss_of(chosen).backward()
            optimizer.step()

    return epoch


class Bench:
    def __init__(self, options):
        self.options = options
        self.images, labels = read_training_images(options.data, options.fraction)
        self.contexts = functional.one_hot(labels, CLASSES).float()
        self.encoder, self.decoder = build_autoencoder()
        self.flow = Flow()
        self.spline_flow = Flow(SplineCoupling)
        self.losses = {}

    def rows(self, all_rows):
        return max(1, round(all_rows * self.options.fraction))

    def per(self, all_rows, rows, seconds):
        return seconds * all_rows / rows

    def ae_epoch_s(self):
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]

        def loss(chosen):
            x = self.images[chosen]
            return functional.binary_cross_entropy_with_logits(self.decoder(self.encoder(x)), x)

        epoch = train_epoch(parameters, len(self.images), self.options.batch, 1e-3, loss)
        return self.per(60_000, len(self.images), min(seconds_of(epoch), seconds_of(epoch)))

    def epoch_of(self, flow):
        x = 3 * torch.randn(len(self.images), FEATURES)

        def loss(chosen):
            return -flow.log_prob(x[chosen], self.contexts[chosen]).mean()

        epoch = train_epoch(flow.parameters(), len(x), self.options.batch, 1e-4, loss)
        flow.train()
        return self.per(60_000, len(x), min(seconds_of(epoch), seconds_of(epoch)))

    def flow_epoch_s(self):
        return self.epoch_of(self.flow)

    def spline_epoch_s(self):
        return self.epoch_of(self.spline_flow)

    @torch.no_grad()
    def extract_70k_s(self):
        rows = self.rows(70_000)
        images = self.images.repeat(-(-rows // len(self.images)), 1, 1, 1)[:rows]
        return self.per(70_000, rows, seconds_of(lambda: [self.encoder(chunk) for chunk in images.split(CHUNK)]))

    @torch.no_grad()
    def scoring_of(self, flow):
        x = 3 * torch.randn(self.rows(100_000), FEATURES)
        classes = torch.eye(CLASSES)
        flow.eval()

        def score():
            for chunk in x.split(CHUNK):
                for one_hot in classes:
                    flow.log_prob(chunk, one_hot.expand(len(chunk), CLASSES))

        return self.per(100_000, len(x), seconds_of(score))

    def score_100k_s(self):
        return self.scoring_of(self.flow)

    def spline_score_100k_s(self):
        return self.scoring_of(self.spline_flow)

    @torch.no_grad()
    def sample_500k_s(self):
        chunks = max(1, self.rows(500_000) // CHUNK)
        contexts = torch.eye(CLASSES).repeat(CHUNK // CLASSES, 1)
        self.flow.eval()
        return self.per(500_000, chunks * CHUNK, seconds_of(lambda: [self.flow.sample(contexts) for _ in range(chunks)]))

    def flow_to_loss_s(self):
        with numpy.load(self.options.embeddings) as arrays:
            x, labels = torch.from_numpy(arrays["x"]), torch.from_numpy(arrays["labels"])
            test, test_labels = torch.from_numpy(arrays["test"]), torch.from_numpy(arrays["test_labels"])
        mean, spread = x.mean(0), x.std(0)
        x, test = (x - mean) / spread, (test - mean) / spread
        contexts, test_contexts = functional.one_hot(labels, CLASSES).float(), functional.one_hot(test_labels, CLASSES).float()
        batch = min(1_600, len(x))
        steps = TO_LOSS_EPOCHS * -(-len(x) // batch)

        def train(flow):
            optimizer = torch.optim.Adam(flow.parameters(), lr=4e-3, weight_decay=L2)
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
            for _ in range(TO_LOSS_EPOCHS):
                for chosen in torch.randperm(len(x)).split(batch):
                    optimizer.zero_grad()
                    (-flow.log_prob(x[chosen], contexts[chosen]).mean()).backward()
                    optimizer.step()
                    schedule.step()

        flows = [Flow() for _ in range(TO_LOSS_TRAININGS)]
        seconds = [seconds_of(lambda: train(flow)) for flow in flows]
        with torch.no_grad():
            losses = [-flow.eval().log_prob(test, test_contexts).mean() + spread.log().sum() for flow in flows]
        self.losses = {"flow_to_loss_nats": torch.stack(losses).mean().item()}
        return numpy.mean(seconds)


def main():
    works = [name for name in vars(Bench) if name.endswith("_s")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR", help="MNIST's IDX files, or others of that name and size")
    parser.add_argument("--work", metavar="NAME,...", help="what to do (all that the other options suffice for)")
    parser.add_argument("--fraction", type=float, default=1, help="the share of the rows to work on (1)")
    parser.add_argument("--embeddings", metavar="FILE", help="x, labels, test and test_labels in an npz file, for flow_to_loss_s")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=100)
    options = parser.parse_args()
    torch.manual_seed(42)
    torch.set_num_threads(options.threads)
    bench = Bench(options)
    possible = [name for name in works if options.embeddings or name != "flow_to_loss_s"]
    chosen = options.work.split(",") if options.work else possible
    for unknown in set(chosen) - set(possible):
        parser.error(f"--work: got {unknown}, expected some of {', '.join(possible)}")
    figures = {name: round(getattr(bench, name)(), 4) for name in works if name in chosen}
    print(json.dumps({"torch": torch.__version__, "threads": options.threads, **figures, **bench.losses}))


if __name__ == "__main__":
    main()
