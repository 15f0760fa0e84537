# SPDX-License-Identifier: MIT
"""ResNets for CIFAR in PyTorch, with dense convolutions or chains of Kronecker-sparse factors.

Parameters and their order are those of the C++ library: conv1, bn1, layer{1,2,3}.{i}.{conv1, bn1,
conv2, bn2, downsample.0, downsample.1}, fc; a chain's factors are "<convolution>.factor<k>",
shape (a, b, c, d), factor 0 on the output side. PyTorch's default initialisation is the one wanted:
U(-1/sqrt(n), 1/sqrt(n)), n = fan-in.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F


def factor_matrix(t):
    """K[i*b*d + j*d + l, i*c*d + k*d + l] = T[i, j, k, l], shape (abd, acd)."""
    a, b, c, d = t.shape
    eye = lambda n: torch.eye(n, dtype=t.dtype)
    return torch.einsum("ijkl,im,ln->ijlmkn", t, eye(a), eye(d)).reshape(a * b * d, a * c * d)


def chain_matrix(factors):
    """The product of the factors, the leftmost (output side) first."""
    product = factor_matrix(factors[0])
    for t in factors[1:]:
        product = product @ factor_matrix(t)
    return product


def fold(matrix, kernel, tap_major=False):
    """C_out x (C_in k k) -> (C_out, C_in, k, k). A column is channel*k*k + tap, or tap*C_in + channel."""
    if tap_major:
        return matrix.reshape(len(matrix), kernel, kernel, -1).permute(0, 3, 1, 2)
    return matrix.reshape(len(matrix), -1, kernel, kernel)


class ChainConv2d(nn.Module):
    """A 3x3 convolution whose C_out x 9 C_in matrix is a chain, multiplied out before use."""

    def __init__(self, patterns, stride=1, tap_major=False):
        super().__init__()
        self.stride, self.tap_major = stride, tap_major
        for k, pattern in enumerate(patterns):
            bound = pattern[2] ** -.5  # n = c, the nonzeros of a row
            self.register_parameter(f"factor{k}", nn.Parameter(torch.empty(pattern).uniform_(-bound, bound)))

    def forward(self, x):
        weight = fold(chain_matrix(list(self.parameters())), 3, self.tap_major)
        return F.conv2d(x, weight, stride=self.stride, padding=1)


def smallest_monotone(rows, cols, length):
    """The chain with the fewest nonzeros among the monotone deformable butterflies of a rows x cols
    matrix, b > 1 and c > 1 in the input-side factor; ties: smallest b, then c, from the output side."""
    def products(n, count):
        if count == 1:
            return [(n,)]
        return [(f,) + rest for f in range(1, n + 1) if n % f == 0 for rest in products(n // f, count - 1)]

    wide = rows <= cols
    best = None
    for b in products(rows, length):
        for c in products(cols, length):
            if b[-1] == 1 or c[-1] == 1 or any((x > y) if wide else (x < y) for x, y in zip(b, c)):
                continue
            a, d, patterns = 1, rows, []
            for bl, cl in zip(b, c):
                d //= bl
                patterns.append((a, bl, cl, d))
                a *= cl
            nonzeros = sum(p[0] * p[1] * p[2] * p[3] for p in patterns)
            key = (nonzeros, [x for p in patterns for x in p[1:3]])
            if best is None or key < best[0]:
                best = (key, patterns)
    return best[1]


class Block(nn.Module):
    def __init__(self, make_conv, cin, cout, stride, shortcut):
        super().__init__()
        self.conv1 = make_conv(cin, cout, stride)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = make_conv(cout, cout, 1)
        self.bn2 = nn.BatchNorm2d(cout)
        self.stride, self.extra = stride, cout - cin
        self.downsample = None
        if shortcut == "projection" and (stride != 1 or cin != cout):
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.downsample is not None:
            x = self.downsample(x)
        elif self.extra:  # option A: subsample, half of the new, zero channels on either side
            x = F.pad(x[:, :, ::self.stride, ::self.stride],
                      (0, 0, 0, 0, self.extra // 2, self.extra - self.extra // 2))
        return F.relu(x + y)


class ResNet(nn.Module):
    """depth = 6 n + 2; the 3x3 convolutions of the last `segments` segments are chains of `factors` factors."""

    def __init__(self, depth=20, width=16, classes=10, shortcut="projection", segments=0, factors=2):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        cin = width
        for s in range(3):
            cout = width << s
            blocks = []
            for i in range((depth - 2) // 6):
                stride = 2 if s > 0 and i == 0 else 1
                blocks.append(Block(self._convolution(s >= 3 - segments, factors), cin, cout, stride, shortcut))
                cin = cout
            setattr(self, f"layer{s + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(cin, classes)

    @staticmethod
    def _convolution(chain, factors):
        def make(cin, cout, stride):
            if chain:
                return ChainConv2d(smallest_monotone(cout, 9 * cin, factors), stride)
            return nn.Conv2d(cin, cout, 3, stride, padding=1, bias=False)
        return make

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))
