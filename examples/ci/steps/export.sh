#!/usr/bin/env bash
# Brings the manifests of TARGET to what the account is, and opens a request with that, if anything
# changed: a branch of its own (EXPORT_BRANCH) against BASE, whose commits each run replaces.
set -euo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
branch=${EXPORT_BRANCH:-makeform/export}
base=${BASE:-main}
title="Take over what was changed in Make (${TARGET:?the target to export})"
quoted makeform --target "$TARGET" export --update
git add --all -- . ':(exclude)*.makeform/*'
if git diff --cached --quiet; then
  echo 'The manifests say what the account is.'
  exit 0
fi
git -c user.name=makeform -c user.email=makeform@localhost commit --quiet --message "$title"
if git fetch --quiet origin "refs/heads/$branch" 2> /dev/null && git diff --quiet FETCH_HEAD HEAD; then
  echo "The branch $branch says so already."
  exit 0
fi
push=(--quiet --force origin "HEAD:refs/heads/$branch")
case $forge in
  github)
    git push "${push[@]}"
    pulls="/repos/$GITHUB_REPOSITORY/pulls"
    api GET "$pulls?state=open&base=$base&head=${GITHUB_REPOSITORY%%/*}:$branch" > "$temp/open"
    if [ "$(jq length "$temp/open")" -eq 0 ]; then
      jq -n --arg title "$title" --arg head "$branch" --arg base "$base" \
        --arg body 'Merge it to keep what was changed in Make. Close it, and the next apply takes that back.' \
        '{title: $title, head: $head, base: $base, body: $body}' > "$temp/request"
      api POST "$pulls" "$temp/request" | jq -r '"Opened request \(.number)."'
    else
      jq -r '"Updated request \(.[0].number)."' "$temp/open"
    fi
    ;;
  gitlab)
    # GitLab opens the request itself; one that is open is left as it is.
    git push -o merge_request.create -o "merge_request.target=$base" -o "merge_request.title=$title" "${push[@]}"
    ;;
  *)
    git push "${push[@]}"
    echo "Pushed $branch: open a request from it to $base."
    ;;
esac
