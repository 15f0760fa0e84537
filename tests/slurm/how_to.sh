#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: how_to.sh PROGRAM
# Does what docs/how-to/run-on-a-cluster.md says, word for word, where there is a Slurm of two nodes.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
if why=$("$here/cluster.sh" missing); then
  echo "[skipped] no Slurm can be started here: $why"
  exit 0
fi
exec "$here/cluster.sh" with 2 bash "$here/../docs/follow.sh" "$here/../.." "$1" docs/how-to/run-on-a-cluster.md
