#!/bin/sh
# Puts the configuration of another commit beside the one of this checkout, and prints its name for `ckaudit scan --config`:
#
#   sh base-config.sh BASE [CONFIG] [SNAPSHOT]
#
# So a change cannot ignore rules, lower severities or accept findings for itself. CONFIG is the file; without it the nearest ckaudit.toml
# of the commit from SNAPSHOT upwards counts. Paths in it are seen from its folder, so they mean files of this checkout.
# Where the commit has none, an empty one is written.
set -eu

base=$1
config=${2:-}
snapshot=${3:-.}
commit=""
for name in "refs/remotes/origin/$base" "refs/heads/$base" "$base" FETCH_HEAD; do
  commit=$(git rev-parse --quiet --verify --end-of-options "$name^{commit}" 2>/dev/null) && break
done
[ -n "$commit" ] || { echo "There is no commit or branch “$base” here." >&2; exit 2; }

if [ -z "$config" ]; then
  folder=$snapshot
  while :; do
    if git cat-file -e "$commit:./$folder/ckaudit.toml" 2>/dev/null; then config=$folder/ckaudit.toml; break; fi
    case $folder in . | / | "") break ;; esac
    folder=$(dirname -- "$folder")
  done
fi
copy=$(dirname -- "${config:-ckaudit.toml}")/ckaudit.base.toml
if [ -n "$config" ]; then git show "$commit:./$config" > "$copy"; else : > "$copy"; fi
echo "$copy"
