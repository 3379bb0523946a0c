#!/usr/bin/env bash
# Looks whether somebody changed TARGET in Make since the last apply. Exits with 2 where that is so,
# for the job to fail and somebody to be told.
set -euo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
code=0
makeform --target "${TARGET:?the target to look at}" drift > "$temp/drift" || code=$?
quoted cat "$temp/drift"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  # Longer than any run of tildes in it, so that nothing in it ends the block.
  fence=$(grep -o '~*' "$temp/drift" | sort -r | head -n 1 || true)
  { echo "~~~$fence"; head -c 900000 "$temp/drift"; echo; echo "~~~$fence"; } >> "$GITHUB_STEP_SUMMARY"
fi
exit "$code"
