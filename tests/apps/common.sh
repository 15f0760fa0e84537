# SPDX-License-Identifier: MIT
# Common to the scripts of this folder: $papillon, an empty working directory, and what to expect of a command.
set -u
papillon=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export OMP_WAIT_POLICY=passive
failures=0

fail() { # MESSAGE
  echo "FAILED: $1"
  failures=$((failures + 1))
}

# expect STATUS ARGUMENT...: runs the program; its output goes to `out` and `err`.
expect() {
  local wanted=$1 status=0
  shift
  "$papillon" "$@" >out 2>err || status=$?
  [ "$status" = "$wanted" ] || { fail "papillon $* ended with $status, not $wanted"; cat out err; }
}

# refuses STATUS TEXT ARGUMENT...: the same, and standard error is one line that contains the text.
refuses() {
  local wanted=$1 text=$2
  shift 2
  expect "$wanted" "$@"
  [ "$(wc -l <err)" = 1 ] || { fail "papillon $*: not one line of error"; cat err; }
  grep -qF -- "$text" err || { fail "papillon $*: the error does not say '$text'"; cat err; }
}

contains() { # FILE TEXT
  grep -qF -- "$2" "$1" || { fail "$1 does not contain '$2'"; head -n 20 "$1"; }
}

same() { # FILE FILE
  cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

finish() {
  [ "$failures" = 0 ] || { echo "$failures failures"; exit 1; }
}
