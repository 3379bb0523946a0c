#!/usr/bin/env bash
# Plans a request for TARGET, records that under the head of the request (HEAD), and writes the
# comment to the file that is named. Without HEAD, or with RECORD=false, nothing is recorded.
set -euo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
comment=$1
options=(--markdown "$comment")
if [ "$forge" = github ]; then
  # Nothing but annotations; the summary of the job has the plan.
  options+=(--format github)
fi
if [ -n "${HEAD:-}" ] && [ "${RECORD:-true}" = true ]; then
  options+=(--record --commit "$HEAD")
fi
makeform --target "${TARGET:?the target to plan}" plan "${options[@]}"
