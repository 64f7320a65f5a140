#!/usr/bin/env python3
"""PyTorch doing the work of submit/bench.sh: the same models, minibatches and numbers of rows, on the CPU.

Prints one JSON object: the seconds that each of the works named by --work takes.

  ae_epoch_s     an epoch of the autoencoder over 60,000 images, the better of two
  flow_epoch_s   an epoch of the flow over 60,000 rows, the better of two
  extract_70k_s  the codes of 70,000 images, the forward pass alone
  score_100k_s   log p(x | class) of 100,000 rows under each of ten classes
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
if any(os.environ.get(name) != value for name, value in KEEP_FREED_BLOCKS.items()):
    for unset in UNSET:
        os.environ.pop(unset, None)
    os.environ.update(KEEP_FREED_BLOCKS)
    os.execv(sys.executable, [sys.executable, *sys.argv])

import numpy
import torch
from torch.nn import functional

FEATURES, CLASSES, COUPLINGS, HIDDEN = 20, 10, 9, 200
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


class Block(torch.nn.Module):
    """A coupling, a linear map and a batch normalization.

    Of x, the odd features are kept, and the even ones become x exp(s) + t with (s, t) = network(context, kept features). The map is
    P L U, a permutation and two triangular matrices: those of lu below and above its diagonal, with ones and exp(lu's diagonal) on it.
    """

    def __init__(self):
        super().__init__()
        nn = torch.nn
        self.network = nn.Sequential(
            nn.Linear(CLASSES + FEATURES, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, 2 * FEATURES),
        )
        self.lu = nn.Parameter(torch.zeros(FEATURES, FEATURES))
        self.log_gamma = nn.Parameter(torch.zeros(FEATURES))
        self.beta = nn.Parameter(torch.zeros(FEATURES))
        odd = torch.arange(FEATURES).remainder(2).float()
        permutation = torch.randperm(FEATURES)
        self.register_buffer("kept", odd)
        self.register_buffer("changed", 1 - odd)
        self.register_buffer("permutation", permutation)
        self.register_buffer("one", torch.eye(FEATURES))
        self.register_buffer("running_mean", torch.zeros(FEATURES))
        self.register_buffer("running_var", torch.ones(FEATURES))

    def log_scale_and_shift(self, x, context):
        log_scale, shift = self.network(torch.cat((context, self.kept * x), dim=1)).split(FEATURES, dim=1)
        return self.changed * log_scale.tanh(), self.changed * shift

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
        log_scale, shift = self.log_scale_and_shift(x, context)
        matrix, log_det = self.linear_map()
        x = (x * log_scale.exp() + shift) @ matrix.T
        mean, var = self.moments(x)
        var = var + 1e-5
        x = (x - mean) / var.sqrt() * self.log_gamma.exp() + self.beta
        return x, log_scale.sum(1) + log_det + (self.log_gamma - var.log() / 2).sum()

    def inverse(self, z, context):
        spread = (self.running_var + 1e-5).sqrt() * (-self.log_gamma).exp()
        x = ((z - self.beta) * spread + self.running_mean) @ self.linear_map()[0].inverse().T
        log_scale, shift = self.log_scale_and_shift(x, context)
        return (x - shift) * (-log_scale).exp()


class Flow(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = torch.nn.ModuleList(Block() for _ in range(COUPLINGS))

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

    def flow_epoch_s(self):
        x = 3 * torch.randn(len(self.images), FEATURES)

        def loss(chosen):
            return -self.flow.log_prob(x[chosen], self.contexts[chosen]).mean()

        epoch = train_epoch(self.flow.parameters(), len(x), self.options.batch, 1e-4, loss)
        self.flow.train()
        return self.per(60_000, len(x), min(seconds_of(epoch), seconds_of(epoch)))

    @torch.no_grad()
    def extract_70k_s(self):
        rows = self.rows(70_000)
        images = self.images.repeat(-(-rows // len(self.images)), 1, 1, 1)[:rows]
        return self.per(70_000, rows, seconds_of(lambda: [self.encoder(chunk) for chunk in images.split(CHUNK)]))

    @torch.no_grad()
    def score_100k_s(self):
        x = 3 * torch.randn(self.rows(100_000), FEATURES)
        classes = torch.eye(CLASSES)
        self.flow.eval()

        def score():
            for chunk in x.split(CHUNK):
                for one_hot in classes:
                    self.flow.log_prob(chunk, one_hot.expand(len(chunk), CLASSES))

        return self.per(100_000, len(x), seconds_of(score))

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
