#!/usr/bin/env bash
# What action.yml runs: one of makeform's commands for CI, on TARGET.
set -euo pipefail
steps=$(dirname "$0")
case ${1:-} in
  validate)
    makeform --target "${TARGET:?the target to validate}" validate --format github
    ;;
  plan)
    code=0
    file=$(mktemp)
    bash "$steps/plan.sh" "$file" || code=$?
    if [ "${COMMENT:-true}" = true ] && [ -n "${REQUEST:-}" ]; then
      bash "$steps/comment.sh" "$file"
    fi
    rm -f "$file"
    exit "$code"
    ;;
  apply | drift | export)
    bash "$steps/$1.sh"
    ;;
  *)
    echo "the command is validate, plan, apply, drift or export" >&2
    exit 1
    ;;
esac
