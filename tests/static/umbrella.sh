#!/usr/bin/env sh
# usage: umbrella.sh INCLUDE_DIR UMBRELLA HEADER...
# Fails if INCLUDE_DIR/UMBRELLA lacks one of the HEADERs (paths under INCLUDE_DIR).
# scripts/update-header-lists writes both umbrella headers anew.
set -eu
include_dir=$1 umbrella=$2
shift 2
bad=0
for header; do
  [ "$header" = "$umbrella" ] && continue
  grep -qxF "#include <$header>" "$include_dir/$umbrella" || { echo "$umbrella lacks <$header>"; bad=1; }
done
exit $bad
