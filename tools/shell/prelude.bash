# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
#
# prelude.bash: what every script here starts with. Sourced, never run.
#
# Sets `root` (the folder of the repository) and goes there; speaks the caller's language; and
# hands the work to the person who typed sudo, so that no file of theirs ends up owned by root.

set -euo pipefail
umask 0022

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
cd -- "$root"

language=${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}

# say FRENCH ENGLISH: one line for a person, on standard error.
say() {
  case $language in
    fr*) printf '%s\n' "$1" >&2 ;;
    *) printf '%s\n' "$2" >&2 ;;
  esac
}

# refuse FRENCH ENGLISH: the same, and stop.
refuse() {
  say "$1" "$2"
  exit 1
}

# misuse FRENCH ENGLISH: what would be understood; exit 2.
misuse() {
  say "$1" "$2"
  exit 2
}

# as_caller COMMAND…: as the person behind sudo where there is one, else as we are.
as_caller() {
  if [[ $EUID -ne 0 || -z ${SUDO_USER:-} || $SUDO_USER == root ]]; then
    "$@"
    return
  fi
  local home id
  home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
  id=$(id -u "$SUDO_USER")
  local changed=(HOME="$home" USER="$SUDO_USER" LOGNAME="$SUDO_USER")
  if [[ -d /run/user/$id ]]; then changed+=(XDG_RUNTIME_DIR="/run/user/$id"); fi
  runuser -u "$SUDO_USER" -- env -u XDG_RUNTIME_DIR -u SUDO_USER -u SUDO_UID -u SUDO_GID \
    -u SUDO_COMMAND "${changed[@]}" "$@"
}

# continue_as_caller SCRIPT ARGUMENT…: behind sudo, installs what only root may and starts the
# script again as the caller; otherwise returns at once.
continue_as_caller() {
  [[ $EUID -eq 0 && -n ${SUDO_USER:-} && $SUDO_USER != root ]] || return 0
  as_caller "$@"
  exit
}
