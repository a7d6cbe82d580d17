#!/bin/sh
# Audits the files of another commit, so that `ckaudit scan --baseline RESULT` tells what a change did:
#
#   sh audit-base.sh BASE RESULT [arguments of ckaudit scan]
#
# BASE is a branch or a commit, RESULT the file that becomes the baseline. The commit is checked out beside the repository, without hooks,
# and audited with its own list of automations and its own configuration. It is fetched where the checkout does not have it.
# No RESULT is written where the commit has nothing to audit, or something invalid: then every finding counts as new.
set -eu

if [ $# -lt 3 ]; then
  echo "What with what? sh audit-base.sh BASE RESULT [arguments of ckaudit scan]" >&2
  exit 2
fi
base=$1
case $2 in /* | [A-Za-z]:*) result=$2 ;; *) result=$PWD/$2 ;; esac
shift 2
rm -f "$result"

commit=""
for name in "refs/remotes/origin/$base" "refs/heads/$base" "$base"; do
  commit=$(git rev-parse --quiet --verify --end-of-options "$name^{commit}" 2>/dev/null) && break
done
if [ -z "$commit" ]; then
  git fetch --quiet --depth=1 origin "refs/heads/$base" || {
    echo "There is no commit or branch “$base” here, and it cannot be fetched. Check out with fetch-depth: 0." >&2
    exit 2
  }
  commit=$(git rev-parse FETCH_HEAD)
fi

folder=$(mktemp -d)
trap 'git worktree remove --force "$folder/base" 2>/dev/null || :; rm -rf "$folder"' EXIT
git -c core.hooksPath=/dev/null worktree add --quiet --detach "$folder/base" "$commit"
place=$folder/base/$(git rev-parse --show-prefix)
status=0
if [ -d "$place" ]; then
  (cd "$place" && "${CKAUDIT:-ckaudit}" scan "$@" --quiet --fail-on never -o "$result") >/dev/null || status=$?
fi
if [ ! -f "$result" ]; then
  echo "$base could not be audited (status $status), so every finding counts as new." >&2
fi
