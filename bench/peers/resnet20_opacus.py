#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A step of DP-SGD on ResNet-20 by Opacus: the peer of the private steps of bench/nn, at batch 256, group norm in place of batch norm.

usage: resnet20_opacus.py WAY LAYOUT S     times for at least S seconds: {"images_per_second", "steps", "peak", "version"}

WAY     plain (the same network's step without privacy), or how Opacus forms or avoids gradients of single images: hooks, functorch, ew,
        ghost (goes backward twice)
LAYOUT  nchw or nhwc (channels_last)
peak is the process' largest resident memory, MiB.
"""
import json
import os
import sys
import warnings

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "compare"))
warnings.filterwarnings("ignore")

import torch
import torch.nn as nn
import torch.nn.functional as F

from resnet20_pytorch import IMAGES, status, timed
import resnet


def with_group_norm(net):
    for parent in net.modules():
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(parent, name, nn.GroupNorm(8, child.num_features))
    return net


def plain_step(net, optimiser, x, labels):
    def step():
        optimiser.zero_grad()
        F.cross_entropy(net(x), labels).backward()
        optimiser.step()
    return step


def private_step(net, optimiser, x, labels, way):
    from opacus import GradSampleModule
    from opacus.optimizers import DPOptimizer
    if way == "ghost":
        from opacus.grad_sample.grad_sample_module_fast_gradient_clipping import GradSampleModuleFastGradientClipping
        from opacus.optimizers.optimizer_fast_gradient_clipping import DPOptimizerFastGradientClipping
        from opacus.utils.fast_gradient_clipping_utils import DPLossFastGradientClipping
        module = GradSampleModuleFastGradientClipping(net, max_grad_norm=1.0, use_ghost_clipping=True)
        private = DPOptimizerFastGradientClipping(optimiser, noise_multiplier=1.0, max_grad_norm=1.0, expected_batch_size=IMAGES)
        loss = DPLossFastGradientClipping(module, private, nn.CrossEntropyLoss())

        def step():
            private.zero_grad()
            loss(module(x), labels).backward()
            private.step()
        return step
    if way == "hooks":
        module = GradSampleModule(net)
    elif way == "functorch":
        module = GradSampleModule(net, force_functorch=True)
    else:
        from opacus.grad_sample import GradSampleModuleExpandedWeights
        module = GradSampleModuleExpandedWeights(net)
    private = DPOptimizer(optimiser, noise_multiplier=1.0, max_grad_norm=1.0, expected_batch_size=IMAGES)
    return plain_step(module, private, x, labels)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    way, layout, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    torch.manual_seed(1)
    memory = torch.channels_last if layout == "nhwc" else torch.contiguous_format
    net = with_group_norm(resnet.ResNet()).to(memory_format=memory).train()
    x = torch.randn(IMAGES, 3, 32, 32).to(memory_format=memory)
    labels = torch.arange(IMAGES) % 10
    optimiser = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
    step = plain_step(net, optimiser, x, labels) if way == "plain" else private_step(net, optimiser, x, labels, way)
    answer = timed(step, seconds)
    version = ""
    if way != "plain":
        import opacus
        version = opacus.__version__
    print(json.dumps(dict(answer, peak=status("VmHWM"), version=version, torch=torch.__version__)))


if __name__ == "__main__":
    main()
