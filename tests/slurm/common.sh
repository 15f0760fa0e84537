# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154  # for those who read it in; what they have set
# Read by the tests on a Slurm: starts one of $nodes nodes, as their own, or skips the test.
here=$(dirname "$(realpath "$0")")
if why=$("$here/cluster.sh" missing); then
  echo "[skipped] no Slurm can be started here: $why"
  exit 0
fi
. "$here/../apps/common.sh"
trap '"$here/cluster.sh" stop "$work/cluster"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
export SLURM_CONF=$work/cluster/slurm.conf
"$here/cluster.sh" start "$work/cluster" "$nodes" || exit 1

study=(--preset smoke --set train.epochs=40 --set data.subset=400)
# wait_until SECONDS WHAT COMMAND...
wait_until() {
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $until ] || { fail "waited in vain until $what"; squeue --array; return 1; }
    sleep 0.1
  done
}
queue_is_empty() { [ -z "$(squeue --noheader)" ]; }
