#!/usr/bin/env bash
# Makes a file the comment of the request that this job is for: the one that it made before is
# replaced. What it finds by is a line that nobody sees, and who wrote the comment: others may
# write such a line too, and could change theirs afterwards.
set -euo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
file=$1
target=${TARGET:-default}
marker="<!-- makeform plan ${target//[^A-Za-z0-9._-]/-} -->"
{
  echo "$marker"
  if [ -s "$file" ]; then
    cat "$file"
  else
    echo 'There is no plan: the log of the job says why.'
  fi
} > "$temp/body"
jq -n --rawfile body "$temp/body" '{body: $body}' > "$temp/comment"
case $forge in
  github)
    all="/repos/$GITHUB_REPOSITORY/issues/${REQUEST:?the number of the pull request}/comments"
    # Who writes with the token of a workflow.
    author=${COMMENT_AUTHOR:-github-actions[bot]}
    # shellcheck disable=SC2016 # variables of jq
    found=$(first_of "$all?sort=created" 'select(.user.login == $author and (.body | startswith($marker)))' \
      --arg author "$author" --arg marker "$marker")
    one="/repos/$GITHUB_REPOSITORY/issues/comments/$found"
    change=PATCH
    ;;
  gitlab)
    all="/projects/$CI_PROJECT_ID/merge_requests/${CI_MERGE_REQUEST_IID:?the number of the merge request}/notes"
    author=$(api GET /user | jq -r .id)
    # shellcheck disable=SC2016
    found=$(first_of "$all?sort=asc" 'select(.author.id == ($author | tonumber) and (.body | startswith($marker)))' \
      --arg author "$author" --arg marker "$marker")
    one="$all/$found"
    change=PUT
    ;;
  *)
    cat "$temp/body"
    exit 0
    ;;
esac
if [ -n "$found" ]; then
  api "$change" "$one" "$temp/comment" > "$temp/answer"
  echo "Updated comment $found."
else
  api POST "$all" "$temp/comment" > "$temp/answer"
  echo "Added comment $(jq -r .id "$temp/answer")."
fi
