#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A study as jobs of a scheduler that is a few lines here: it keeps a list of jobs, and runs them when it is told to.
. "$(dirname "$0")/common.sh"

mkdir bin scheduler
export PATH=$work/bin:$PATH scheduler=$work/scheduler
echo 0 >scheduler/last
touch scheduler/queue
cat >bin/sbatch <<'END'
#!/usr/bin/env bash
# Takes a job: a line an element, "job|element|state|name", and its script.
[ ! -e "$scheduler/full" ] || [ "$(cat "$scheduler/last")" -lt "$(cat "$scheduler/full")" ] || { echo "sbatch: error: too many jobs" >&2; exit 1; }
job=$(($(cat "$scheduler/last") + 1))
echo $job >"$scheduler/last"
echo "$job $*" >>"$scheduler/calls"
elements=N/A
for word; do
  case $word in
    --job-name=*) name=${word#*=} ;;
    --array=*) elements=$(sed 's/.*=//; s/%.*//' <<<"$word" | tr , '\n' | while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done) ;;
  esac
done
cp "$word" "$scheduler/script-$job"
for element in $elements; do echo "$job|$element|PENDING|$name"; done >>"$scheduler/queue"
echo $job
END
cat >bin/squeue <<'END'
#!/bin/sh
cat "$scheduler/queue"
END
cat >bin/scancel <<'END'
#!/bin/sh
for job; do sed -i "/^$job|/d" "$scheduler/queue"; done
END
cat >bin/scontrol <<'END'
#!/bin/sh
[ "$*" != "show config" ] || { echo "MaxArraySize            = ${largest:-1001}"; exit; }
echo "$@" >>"$scheduler/calls"
END
printf '#!/bin/sh\nPATH=/nowhere exec "%s" "$@"\n' "$papillon" >no-slurm
chmod +x bin/* no-slurm
run_queue() {
  local job element name
  while IFS='|' read -r job element _ name; do
    # shellcheck disable=SC2046  # none, or two words
    env "SLURM_JOB_ID=$job" $([ "$element" = N/A ] || echo "SLURM_ARRAY_JOB_ID=$job SLURM_ARRAY_TASK_ID=$element") \
      bash "$scheduler/script-$job" >>jobs.log 2>&1 </dev/null || { fail "job $name, element $element"; tail -n 5 jobs.log; }
  done <scheduler/queue
  : >scheduler/queue
}
# What stands in the report, but for times.
numbers() { grep -vF '"seconds"' "$1/report/results.json"; }

# --- what would be submitted -----------------------------------------------------------------
small=(--set data.source=synthetic --set data.subset=96 --set data.validation=32)
expect 0 study submit --engine slurm --preset paper "${small[@]}" --out a --dry-run
contains out "63 submissions of 280 jobs"
contains out "train-imp-24            0-5, each behind its own of train-imp-23"
contains out "report                  behind the end of all"
[ ! -e a ] || fail "a dry run made a directory"
largest=4 expect 0 study submit --engine slurm --preset paper "${small[@]}" --out a --dry-run
contains out "train-imp-24.1          0-1, each behind its own of train-imp-23.1"
papillon=$work/no-slurm expect 0 study submit --engine slurm --preset smoke --out a --dry-run
contains out "7 submissions of 10 jobs"

# --- what is refused ---------------------------------------------------------------------------
refuses 2 "there are slurm and local" study submit --engine lsf --preset smoke --out a
refuses 2 "nobody is asked for" study submit --engine local --time 10 --preset smoke --out a
refuses 2 "there are not 1024 times 1 processors" study submit --engine local --pool 1024 --preset smoke --out none
largest=4 refuses 2 "take a smaller --pool" study submit --engine slurm --pool 5 --preset smoke --out a --dry-run
refuses 2 "--engine" study submit --preset smoke --out a
refuses 2 "--time" study submit --engine slurm --time "1 day" --preset smoke --out a
papillon=$work/no-slurm refuses 1 "cannot start" study submit --engine slurm --preset smoke --out a
refuses 2 "did you mean 'train:dense-target-s1'" study run --part train:dense-target-s2 --preset smoke --out a
[ ! -e a ] || fail "what was refused made a directory"

# --- submitting, and submitting again ------------------------------------------------------------
submit=(study submit --engine slurm --out "study's own")
expect 0 "${submit[@]}" --preset smoke --max-running 3 --cpus 2
contains out "7 submissions of 10 jobs"
contains scheduler/calls "--array=0-1%3"
refuses 2 "--change-settings" "${submit[@]}" --preset smoke --set train.epochs=3
expect 0 "${submit[@]}"
contains out "nothing to submit"

# An element was cancelled, or failed: it alone is submitted, what waits for it is queued, and the report waits for it too.
element=$(grep "imp-01" scheduler/queue | head -n 1)
grep -vxF "$element" scheduler/queue >left
cp left scheduler/queue
expect 0 "${submit[@]}"
contains out "2 submissions of 2 jobs"
contains out "train-imp-01            0, each behind its own of 1"
[ "$(grep -c -- -report scheduler/queue)" = 1 ] || fail "not one report is queued"

run_queue
expect 0 study run --preset smoke --out plain
diff <(numbers plain) <(numbers "study's own") >difference || { fail "the numbers differ from those of study run"; head difference; }
expect 0 study verify --out "study's own"
expect 0 "${submit[@]}"
contains out "nothing to submit"

# A result that is gone is made again, and the report anew.
rm "study's own"/attacks/S1L2-s1-loss-????????.json
expect 0 "${submit[@]}"
contains out "attack-S1L2             0"
contains out "2 submissions of 2 jobs"
run_queue
diff <(numbers plain) <(numbers "study's own") >difference || { fail "the numbers of a mended study differ"; head difference; }

# --- a pool: one array of workers, which share the study by their claims ------------------------------
pool=(study submit --engine slurm --pool 3 --out pool)
expect 0 "${pool[@]}" --preset smoke --dry-run
contains out "pool                    0-2"
contains out "1 submissions of 3 jobs"
expect 0 "${pool[@]}" --preset smoke
contains out "1 submissions of 3 jobs"
grep -q -- "--part" scheduler/script-"$(cat scheduler/last)" || fail "a worker of a pool does not look whether it gets further"
contains scheduler/calls "--array=0-2 "
expect 0 "${pool[@]}"
contains out "nothing to submit"
grep -v '|1|' scheduler/queue >left
cp left scheduler/queue
expect 0 "${pool[@]}"
contains out "pool                    1"
# All at the same time, as a cluster would.
while IFS='|' read -r job element _; do
  SLURM_JOB_ID=$job SLURM_ARRAY_JOB_ID=$job SLURM_ARRAY_TASK_ID=$element bash "$scheduler/script-$job" >"pool.$element" 2>&1 </dev/null &
done <scheduler/queue
wait
: >scheduler/queue
diff <(numbers plain) <(numbers pool) >difference || { fail "the numbers of a pool differ"; head difference; tail -n 5 pool.?; }
expect 0 study verify --out pool
expect 0 "${pool[@]}"
contains out "nothing to submit"
# What failed for good is tried anew when a pool is submitted, and by none of its workers.
failure=pool/claims/train-$(basename pool/networks/S1L2-target-s1-* | sed 's/.*-//').failure.json
echo '{"kind": "lasting", "work": "train S1L2 target s1", "what": "as asked", "status": 1, "by": "nobody", "when": "", "progress": "", "times": 2, "tries": 2}' >"$failure"
rm pool/networks/S1L2-target-s1-*/result.json
cp "$failure" again
refuses 1 "1 task failed (train S1L2 target s1: as asked" study run --part all --out pool
expect 0 "${pool[@]}"
contains out "1 submissions of 3 jobs"
[ ! -e "$failure" ] || fail "a failure is not forgotten when a pool is submitted"
cp again "$failure"
grep -v '|2|' scheduler/queue >left
cp left scheduler/queue
expect 0 "${pool[@]}"
[ -e "$failure" ] || fail "a failure is forgotten while the pool is at work"
rm "$failure"
run_queue
diff <(numbers plain) <(numbers pool) >difference || { fail "the numbers of a mended pool differ"; head difference; }

# --- on this machine ------------------------------------------------------------------------------------
expect 0 study submit --engine local --preset smoke --out here --dry-run
contains out "train      dense-target-s1-"
[ ! -e here ] || fail "a dry run made a directory"
expect 0 study submit --engine local --preset smoke --out here --pool 1
grep -q "^\[1\] report: " out || { fail "no worker was started here"; cat out; }
diff <(numbers plain) <(numbers here) >difference || { fail "the numbers of a study here differ"; head difference; }
refuses 2 "--change-settings" study submit --engine local --preset smoke --set train.epochs=3 --out here --pool 1

# The scheduler takes no more in the middle: the next time it gets the rest.
echo $(($(cat scheduler/last) + 3)) >scheduler/full
refuses 1 "too many jobs" study submit --engine slurm --preset smoke --out half
rm scheduler/full
expect 0 study submit --engine slurm --out half
contains out "4 submissions of 4 jobs"
run_queue
diff <(numbers plain) <(numbers half) >difference || { fail "the numbers of a study submitted in two goes differ"; head difference; }

# --- a part alone ----------------------------------------------------------------------------------
expect 0 study run --part attack:dense-s1 --preset smoke --out b --dry-run
contains out "train      dense-shadow-s1-"
# stops_with STATUS LINES PATTERN ARGUMENTS...: started, and asked to stop as soon as a file has so many lines, it ends with the status.
stops_with() {
  local wanted=$1 lines=$2 pattern=$3 file status
  shift 3
  "$papillon" "$@" >out 2>err &
  for _ in $(seq 3000); do
    file=$(compgen -G "$pattern") && [ "$(wc -l <"$file")" -ge "$lines" ] && break
    sleep 0.02
  done
  kill -TERM $!
  wait $!
  status=$?
  [ $status = "$wanted" ] || { fail "$* ended with $status, not $wanted"; cat out err; }
}
long=(study run --preset smoke --set train.epochs=100000)
large=(--set data.subset=12500 --set model.width=16)
stops_with 75 3 'kept/networks/*/metrics.csv' "${long[@]}" --part train:dense-target-s1 --out kept
# Not one epoch: a job that came back would not get further.
stops_with 1 1 'none/networks/*/provenance.json' "${long[@]}" "${large[@]}" --part train:dense-target-s1 --out none
contains err "--time"
# A worker of a pool goes on where it kept something, and does not where nobody did.
stops_with 75 1 'worker/networks/*/metrics.csv' "${long[@]}" --part all --out worker
stops_with 1 1 'idle/networks/*/provenance.json' "${long[@]}" "${large[@]}" --part all --out idle
contains err "--time"

# What another is working on is waited for.
if command -v flock >/dev/null; then
  part=(study run --part attack:dense-s1 --preset smoke --out waits)
  for role in target shadow; do expect 0 study run --part train:dense-$role-s1 --preset smoke --out waits; done
  mkfifo leave
  network=$(echo waits/networks/dense-target-s1-*)
  flock "waits/claims/network-${network: -8}.lock" cat leave &
  "$papillon" "${part[@]}" >out 2>err &
  pid=$!
  for _ in $(seq 600); do grep -q "another program works" out && break; sleep 0.02; done
  contains out "another program works"
  ls waits/attacks/dense-s1-loss-* >/dev/null 2>&1 && fail "attacked while another held the network"
  echo >leave
  wait $pid
  status=$?
  [ $status = 0 ] || { fail "a part that waited ended with $status"; cat out err; }
  [ -s waits/attacks/dense-s1-loss-????????.json ] || fail "no attack after waiting"
fi
finish
