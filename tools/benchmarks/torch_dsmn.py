"""DSMN-S in PyTorch, in its default layout; prints the seconds of training steps as JSON.

Run by `training.py` in a Python that has torch: torch_dsmn.py BATCH_SIZE ROUNDS THREADS.
"""

import json
import sys
import time
from itertools import pairwise

import torch
from torch import Tensor, nn


class Operator(nn.Module):
    """Grouped 1x1 convolution, then (3, 1) and (1, 3) depthwise ones, summed, norm, ReLU."""

    def __init__(self, channels: int, filters: int):
        super().__init__()
        self.pointwise = nn.Conv2d(channels, filters, 1, groups=filters, bias=False)
        shared = {"groups": filters, "bias": False}
        self.time = nn.Conv2d(filters, filters, (3, 1), padding=(2, 0), dilation=(2, 1), **shared)
        self.frequency = nn.Conv2d(
            filters, filters, (1, 3), padding=(0, 2), dilation=(1, 2), **shared
        )
        self.norm = nn.BatchNorm2d(filters)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, time, frequency) → the same with `filters` channels."""
        x = self.pointwise(x)
        return torch.relu(self.norm(self.time(x) + self.frequency(x)))


class Block(nn.Module):
    """The distilled block with the split along frequency."""

    def __init__(self, channels: int, filters: int):
        super().__init__()
        half = channels // 2
        self.chain = nn.Sequential(
            Operator(channels, channels), Operator(channels, channels), Operator(channels, half)
        )
        self.low, self.high = nn.Conv2d(channels, half, 1), nn.Conv2d(channels, half, 1)
        self.attention = nn.Conv1d(1, 1, 3, padding=1, bias=False)
        self.fuse = nn.Conv2d(half, filters, 1)
        self.norm = nn.BatchNorm2d(filters)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, T, F) → (batch, filters, T // 2, F // 2)."""
        low, high = x.chunk(2, dim=3)
        y = self.low(low) + self.high(high) + self.chain(low)
        gates = torch.sigmoid(self.attention(y.mean((2, 3))[:, None]))[:, 0, :, None, None]
        return nn.functional.avg_pool2d(torch.relu(self.norm(self.fuse(y * gates))), (2, 1))


class Network(nn.Module):
    """Stem, five blocks, pooled features of all but the first, classifier."""

    def __init__(self) -> None:
        super().__init__()
        widths = (16, 24, 32, 64, 64, 64)
        self.stem = nn.Conv2d(2, 16, 1)
        self.blocks = nn.ModuleList(Block(a, b) for a, b in pairwise(widths))
        self.head = nn.Sequential(
            nn.Linear(sum(widths[2:]), 100), nn.ReLU(), nn.Dropout(0.3), nn.Linear(100, 13)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 2, 44, 256) → (batch, 13)."""
        x, pooled = self.stem(x), []
        for block in self.blocks:
            x = block(x)
            pooled.append(x.mean((2, 3)))
        return self.head(torch.cat(pooled[1:], dim=1))


def main() -> None:
    """Two steps to warm up, then the measured ones."""
    batch_size, rounds, threads = (int(text) for text in sys.argv[1:4])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    network = Network().train()
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
    x, y = torch.randn(batch_size, 2, 44, 256), torch.arange(batch_size) % 13
    seconds = []
    for _ in range(rounds + 2):
        start = time.perf_counter()
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds[2:]))


if __name__ == "__main__":
    main()
