#!/usr/bin/env bash
# The same for any CI, or none: a shell, cron, a hook of a git server. Run it in a checkout, with TARGET
# and the target's variables (MAKE_API_KEY, ..) in the environment:
#
#   plain.sh request HEAD FILE   in a checkout of the commit HEAD: validates it, plans it, records the
#                                plan under HEAD, writes it as Markdown to FILE
#   plain.sh merge               in a checkout of a merge (git merge --no-ff): applies what was recorded
#                                for what was merged, and nothing else
#   plain.sh nightly             tells of drift (exit 2), and pushes a branch that takes it over
set -euo pipefail
steps=$(cd "$(dirname "$0")/steps" && pwd)
case ${1:-} in
  request)
    makeform --target "$TARGET" validate
    HEAD=$2 bash "$steps/plan.sh" "$3"
    ;;
  merge)
    bash "$steps/apply.sh"
    ;;
  nightly)
    code=0
    bash "$steps/drift.sh" || code=$?
    if [ "$code" -eq 2 ]; then
      bash "$steps/export.sh"
    fi
    exit "$code"
    ;;
  *)
    echo "usage: plain.sh request HEAD FILE | merge | nightly" >&2
    exit 1
    ;;
esac
