#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A Slurm of several nodes for a test: munged, slurmctld and a slurmd a node, all on 127.0.0.1, all of their files in one directory.
# Nothing of the system's own Slurm or munge is read, written or started. Ports are ones that nobody listens on. When the process that
# asked for the cluster has ended without stopping it, it stops by itself.
# usage: cluster.sh missing               says what is missing here and succeeds; fails where nothing is
#        cluster.sh start DIR NODES       nodes n1, n2, ... of two processors; DIR/slurm.conf is for SLURM_CONF
#        cluster.sh kill DIR NODE         the node dies with all that runs on it, as without power
#        cluster.sh revive DIR NODE       it comes back
#        cluster.sh restart DIR           the controller ends and starts again with what it has saved
#        cluster.sh stop DIR              ends everything; logs stay in DIR/log
#        cluster.sh with NODES COMMAND... a cluster while the command runs, with SLURM_CONF set
set -euo pipefail
self=$(realpath "$0")
say() { echo "cluster: $*" >&2; }

missing() {
  [ "$(id -u)" = 0 ] || { echo "not root, as slurmd has to be"; return 0; }
  local program
  for program in munged slurmctld slurmd sbatch; do
    command -v "$program" >/dev/null || { echo "no $program (scripts/install-packages slurm)"; return 0; }
  done
  return 1
}

# eventually SECONDS COMMAND...: succeeds as soon as the command does.
eventually() {
  local until=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $until ] || return 1
    sleep 0.1
  done
}

# The first of so many ports in a row, below those that connections get, where nobody listens.
free_ports() {
  local taken first port
  taken=$(awk '$4 == "0A" { split($2, at, ":"); print at[2] }' /proc/net/tcp)
  while :; do
    first=$((12000 + RANDOM % 18000))
    for ((port = first; port < first + $1; port++)); do
      [[ $taken != *$(printf %04X $port)* ]] || continue 2
    done
    echo $first
    return
  done
}

configuration() { # NODES PORT
  local host
  host=$(hostname -s)
  # Who is who. The daemons listen on the loopback address alone.
  cat <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$2
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
SlurmdUser=root
CredType=cred/munge
AuthType=auth/munge
END
  # Five seconds, the least there is, are also how long a job waits that goes back into the queue.
  echo "AuthInfo=socket=$dir/munge/socket,cred_expire=5"
  cat <<END
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/%n.pid
SlurmctldLogFile=$dir/log/slurmctld
SlurmdLogFile=$dir/log/%n
END
  # No control groups, no accounting, no mail: none of it is at hand in a container.
  cat <<END
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
END
  # Nodes may claim more than the machine has, are soon missed, and are welcome again.
  cat <<END
SlurmdParameters=config_overrides
SlurmdTimeout=5
ReturnToService=2
KillWait=3
JobRequeue=1
END
  cat <<END
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=1,sched_min_interval=100000
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
END
  local k
  for ((k = 1; k <= $1; k++)); do
    echo "NodeName=n$k NodeHostname=$host NodeAddr=127.0.0.1 Port=$(($2 + k)) CPUs=2 RealMemory=1000"
  done
  # Jobs of the second partition put those of the first back into the queue.
  echo "PartitionName=all Nodes=ALL Default=YES MaxTime=60 State=UP PriorityTier=1"
  echo "PartitionName=urgent Nodes=ALL MaxTime=60 State=UP PriorityTier=2"
}

is_up() { [[ $(sinfo -h -n "$1" -o %t) =~ ^(idle|mix|alloc)$ ]]; }

revive() {
  mkdir -p "$dir/spool/$1"
  setsid slurmd -N "$1" -f "$SLURM_CONF" </dev/null >>"$dir/log/$1" 2>&1
}

# The processes of a node: its daemons, which have its log open, and all below them.
processes() {
  { find /proc/[0-9]*/fd -lname "$dir/log/$1" || true; } 2>/dev/null | cut -d/ -f3 | sort -u | {
    mapfile -t daemons
    ps -A -o pid=,ppid= | awk -v daemons="${daemons[*]}" '
      BEGIN { n = split(daemons, list); for (i = 1; i <= n; i++) of_node[list[i]] = 1 }
      { parent[$1] = $2 }
      END {
        do {
          more = 0
          for (p in parent) if (!(p in of_node) && parent[p] in of_node) { of_node[p] = 1; more = 1 }
        } while (more)
        for (p in of_node) print p
      }'
  }
}

# Stopped before they are killed, none can tell of the others' end.
end_node() {
  local all
  all=$(processes "$1")
  [ -n "$all" ] || return 0
  # shellcheck disable=SC2086
  kill -STOP $all 2>/dev/null || true
  # shellcheck disable=SC2046
  kill -KILL $(processes "$1") 2>/dev/null || true
}

control() {
  slurmctld -f "$SLURM_CONF" </dev/null >>"$dir/log/slurmctld.out" 2>&1
  eventually 30 scontrol ping || { say "slurmctld does not answer"; tail -n 20 "$dir/log/slurmctld" >&2; exit 1; }
}

start() { # NODES
  local why port node
  ! why=$(missing) || { say "there can be no Slurm here: $why"; exit 1; }
  mkdir -p "$dir"/{log,munge,spool,state}
  chmod 755 "$dir"
  port=$(free_ports $(($1 + 1)))
  configuration "$1" "$port" >"$SLURM_CONF"
  # Who asked is watched over from the start, so that nothing is left whatever happens here.
  setsid bash -c 'tail --pid="$1" -f /dev/null; exec "$2" stop "$3"' watch "$PPID" "$self" "$dir" </dev/null >/dev/null 2>&1 &
  echo $! >"$dir/watch.pid"
  (umask 077; head -c 128 /dev/urandom >"$dir/munge/key")
  munged --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" --seed-file="$dir/munge/seed" \
    --pid-file="$dir/munged.pid" --log-file="$dir/log/munged" >>"$dir/log/munged.out" 2>&1
  control
  for ((node = 1; node <= $1; node++)); do revive "n$node"; done
  for ((node = 1; node <= $1; node++)); do
    eventually 60 is_up "n$node" || { say "n$node does not come up"; tail -n 20 "$dir/log/n$node" >&2; exit 1; }
  done
}

end_daemon() { # FILE of its process id
  local process
  process=$(cat "$1" 2>/dev/null) || return 0
  kill -TERM "$process" 2>/dev/null || return 0
  eventually 10 bash -c "! kill -0 $process" || kill -KILL "$process" 2>/dev/null || true
}

restart() {
  end_daemon "$dir/slurmctld.pid"
  control
}

stop() {
  local spool
  end_daemon "$dir/slurmctld.pid"
  for spool in "$dir"/spool/*; do
    [ ! -e "$spool" ] || end_node "$(basename "$spool")"
  done
  end_daemon "$dir/munged.pid"
  local watch
  watch=$(cat "$dir/watch.pid" 2>/dev/null) || return 0
  [ "$watch" = $$ ] || kill -TERM -- "-$watch" 2>/dev/null || true
}

with() {
  local nodes=$1 status=0
  shift
  dir=$(mktemp -d)
  export SLURM_CONF=$dir/slurm.conf
  trap '"$self" stop "$dir"; rm -rf "$dir"' EXIT
  trap 'exit 1' INT TERM HUP
  "$self" start "$dir" "$nodes"
  "$@" || status=$?
  exit $status
}

what=${1:-}
case $what in
  missing) missing; exit ;;
  with) shift; with "$@" ;;
  start | stop | kill | revive | restart)
    dir=$(realpath -m "$2")
    export SLURM_CONF=$dir/slurm.conf
    shift 2
    if [ "$what" = kill ]; then end_node "$@"; else "$what" "$@"; fi
    ;;
  *) sed -n '/^# usage/,/^[^#]/s/^# //p' "$0" >&2; exit 2 ;;
esac
