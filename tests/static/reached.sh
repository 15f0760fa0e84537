#!/usr/bin/env sh
# usage: reached.sh BUILD_DIR     (a Ninja build directory)
# Fails if a header of the library was included by no unit test that was built there: the dependencies that the
# compiler reported are the evidence. The units that include the umbrella headers do not count.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
reached=$(mktemp)
trap 'rm -f "$reached"' EXIT
ninja -C "$1" -t deps | awk -v root="$here/include/" '
  /^[^ ].*: #deps/ { counts = $1 ~ /^tests\// && $1 !~ /umbrella|odr|verify_interface/ }
  /^ / && counts {
    at = index($1, "include/papillon/")
    if (at > 0) print substr($1, at + 8)
  }' | sort -u >"$reached"
cd "$here/include"
bad=0
for header in $(find papillon -name '*.hpp' ! -path papillon/papillon.hpp ! -path papillon/full.hpp | sort); do
  grep -qxF "$header" "$reached" || { echo "no unit test includes <$header>"; bad=1; }
done
exit $bad
