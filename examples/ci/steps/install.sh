#!/usr/bin/env bash
# Installs the makeform of MAKEFORM_RELEASE, the address of a release's archive for Linux, into the
# folder that is named, if its SHA-256 is MAKEFORM_SHA256. Another file than that is not run.
set -euo pipefail
folder=$1
mkdir -p "$folder"
curl -fsSL -o "$folder/release" "${MAKEFORM_RELEASE:?say where makeform comes from}"
(cd "$folder" && echo "${MAKEFORM_SHA256:?say which SHA-256 that has}  release" | sha256sum --check --strict)
tar -xf "$folder/release" -C "$folder" --strip-components 1
if [ -n "${GITHUB_PATH:-}" ]; then
  echo "$folder" >> "$GITHUB_PATH"
fi
