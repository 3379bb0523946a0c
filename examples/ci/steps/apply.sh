#!/usr/bin/env bash
# Applies to TARGET, after a merge, the plan that was recorded when the request was reviewed, and no
# other: exits with 3 and sends nothing where the plan is another one by now.
set -euo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
head=$(bash "$(dirname "$0")/reviewed.sh")
if [ -z "$head" ]; then
  echo 'Refused: no request brought this commit, so nobody has reviewed a plan of it.' >&2
  exit 3
fi
quoted makeform --target "${TARGET:?the target to apply to}" apply --expect recorded --commit "$head" --lock-timeout 600
