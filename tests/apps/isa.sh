#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: isa.sh PAPILLON [ISA...]
# Each instruction set that the program was built for (none named: its own alone) trains, says which it is, and records it; a
# training that was begun under another one is left alone, or goes on and says so; what is not there is refused. No program
# has instructions that its processor may lack.
. "$(dirname "$0")/common.sh"
shift
expect 0 info
own=$(sed -n 's/^isa *\([a-z0-9]*\),.*/\1/p' out)
[ $# -gt 0 ] || set -- "$own"
refuses 2 "there is no --isa avx1024" info --isa avx1024
for isa in avx512 avx2 baseline; do
  [[ " $* " == *" $isa "* ]] || refuses 2 "there is no --isa $isa" info --isa $isa
done

training=(train --preset smoke --set train.epochs=1)
declare -A word=([avx512]=AVX-512 [avx2]="AVX2 with FMA" [avx]=AVX [baseline]="") lanes=([avx512]=16 [avx2]=8 [avx]=8 [baseline]=4)
can=()
for isa in "$@"; do
  if ! "$papillon" info --isa "$isa" >out 2>err; then
    refuses 2 "this processor cannot run --isa $isa" info --isa "$isa"
    continue
  fi
  can+=("$isa")
  contains out "${word[$isa]}"
  contains out "${lanes[$isa]} (float)"
  expect 0 "${training[@]}" --isa "$isa" --out "$isa"
  contains "$isa"/networks/dense-target-s1-*/provenance.json "\"${lanes[$isa]} (float)"
done
[ ${#can[@]} -gt 0 ] || fail "this machine runs none of $*"
[ "$own" = "${can[0]}" ] || fail "without --isa it is $own, not ${can[0]}"

# The same training, as its identity says; who trained it stands beside it.
for isa in "${can[@]:1}"; do
  [ "$(cd "$isa/networks" && echo *)" = "$(cd "${can[0]}/networks" && echo *)" ] || fail "$isa gives a training another identity"
  cp -r "${can[0]}" "$isa-after"
  rm "$isa-after"/networks/*/result.json
  refuses 1 "left alone" "${training[@]}" --isa "$isa" --out "$isa-after"
  expect 0 "${training[@]}" --isa "$isa" --mix --out "$isa-after"
  contains out "goes on with another instruction set"
done

# Registers that instructions of other processors would use.
if command -v objdump >/dev/null; then
  folder=$(dirname "$papillon")
  for isa in "$@"; do
    [ -e "$folder/papillon-$isa" ] || continue
    case $isa in
      avx512) continue ;;
      avx2) foreign='%zmm|%k[1-7]|%[xy]mm(1[6-9]|2[0-9]|3[01])' ;;
      baseline) foreign='%[yz]mm|\bv[a-z0-9]+ .*%xmm' ;;
    esac
    objdump -d --no-show-raw-insn "$folder/papillon-$isa" | grep -E -m 3 "$foreign" && fail "papillon-$isa has these instructions"
  done
fi
finish
