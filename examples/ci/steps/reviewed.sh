#!/usr/bin/env bash
# Prints the head of the request that brought the commit that is checked out: the plan that was
# reviewed is recorded under it. Nothing, where no request did.
set -euo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
case $forge in
  github)
    api GET "/repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" > "$temp/requests"
    jq -r '[.[] | select(.merged_at)][0].head.sha // empty' "$temp/requests"
    ;;
  gitlab)
    api GET "/projects/$CI_PROJECT_ID/repository/commits/$CI_COMMIT_SHA/merge_requests" > "$temp/requests"
    jq -r '[.[] | select(.state == "merged")][0].sha // empty' "$temp/requests"
    ;;
  *)
    # Of a merge (git merge --no-ff), what was merged.
    git rev-parse --verify --quiet 'HEAD^2' || true
    ;;
esac
