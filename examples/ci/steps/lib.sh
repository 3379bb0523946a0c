# What the steps share: sourced, not run. They need bash, curl, git and jq.
# shellcheck shell=bash

# Which API there is to talk to.
if [ "${GITHUB_ACTIONS:-}" = true ]; then
  forge=github
elif [ "${GITLAB_CI:-}" = true ]; then
  forge=gitlab
else
  forge=none
fi

# A step that fails ends the script also where its output is taken.
shopt -s inherit_errexit

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

# Runs a command whose output holds words of an account: a runner of GitHub obeys lines that begin
# with `::`, whoever wrote them, until it reads the word that nobody can know.
quoted() {
  if [ "$forge" != github ]; then
    "$@"
    return
  fi
  local word code=0
  word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  echo "::stop-commands::$word"
  "$@" 2>&1 || code=$?
  echo "::$word::"
  return "$code"
}

# api METHOD PATH [FILE]: one request, with the JSON of the file as its body. What can be asked twice
# is asked again where it fails for now. The token is in no list of processes.
api() {
  local header base again=()
  case $forge in
    github)
      header="Authorization: Bearer ${GH_TOKEN:?a token of GitHub}"
      base=$GITHUB_API_URL
      ;;
    gitlab)
      header="PRIVATE-TOKEN: ${API_TOKEN:?a token of GitLab, with the scope api}"
      base=$CI_API_V4_URL
      ;;
    *)
      echo "there is no API here" >&2
      return 1
      ;;
  esac
  if [ "$1" = GET ]; then
    again=(--retry 3)
  fi
  curl --silent --show-error --fail --max-time 60 "${again[@]}" \
    --config <(printf 'header = "%s"\n' "$header") \
    --header 'Content-Type: application/json' \
    --request "$1" ${3:+--data-binary "@$3"} "$base$2"
}

# first_of PATH FILTER [ARGUMENTS of jq]: what the filter finds first in a list of many pages.
first_of() {
  local path=$1 filter=$2 page=1 found rows
  shift 2
  while true; do
    api GET "$path&per_page=100&page=$page" > "$temp/page" || return
    found=$(jq -r "$@" "[.[] | $filter][0].id // empty" "$temp/page") || return
    rows=$(jq length "$temp/page") || return
    if [ -n "$found" ] || [ "$rows" -eq 0 ]; then
      echo "$found"
      return
    fi
    page=$((page + 1))
  done
}
