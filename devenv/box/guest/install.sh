# install_packages NAME...: installs what is not there yet, with the package tool the box has.

package_tool() {
  for tool in apt-get dnf apk; do
    if command -v "$tool" >/dev/null 2>&1; then echo "${tool%-get}"; return; fi
  done
  echo "this box has none of apt, dnf and apk" >&2
  return 1
}

installed() {
  case $(package_tool) in
    apt)
      # name=version or name/release: only the version can be compared
      name=${1%%[=/]*} wanted=
      case $1 in
        *=*) wanted=${1#*=} ;;
        */*) return 1 ;;
      esac
      # shellcheck disable=SC2016  # dpkg-query's own variables
      found=$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' "$name" 2>/dev/null) || return 1
      case $found in
        "ii "*) [ -z "$wanted" ] || [ "$wanted" = "${found#ii }" ] ;;
        *) return 1 ;;
      esac ;;
    dnf) rpm -q --whatprovides "$1" >/dev/null 2>&1 ;;
    apk) apk info -e "$1" >/dev/null 2>&1 ;;
  esac
}

# again COMMAND...: tries five times, for a mirror that hiccups or another apt that holds the lists
again() {
  for pause in 2 5 10 20 0; do
    "$@" && return
    [ "$pause" = 0 ] || { echo "trying again in $pause s: $*" >&2; sleep "$pause"; }
  done
  return 1
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# the files of apt's lists carry the mirror's dates, so when they were fetched is noted here
apt_stamp=/var/lib/devenv/apt-update

apt_update() {
  # -qq hides failures to fetch as well: an update that fetched nothing must not count
  again apt_get -o APT::Update::Error-Mode=any update
  mkdir -p "${apt_stamp%/*}"
  : >"$apt_stamp"
}

# who was interrupted while dpkg was at work left its notes here, and apt refuses everything until they are seen to
finish_dpkg() {
  for note in /var/lib/dpkg/updates/[0-9]*; do
    [ -e "$note" ] || return 0
    echo "finishing an installation that was interrupted"
    DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure -a
    return
  done
}

apt_install() {
  finish_dpkg
  fetched=
  if [ -z "$(find "$apt_stamp" -mmin -1440 2>/dev/null)" ]; then apt_update; fetched=yes; fi
  if apt_get install "$@"; then return; fi
  # lists that are older than the mirror name packages it no longer has
  [ -n "$fetched" ] || apt_update
  apt_get install "$@"
}

install_packages() {
  missing=
  for package in "$@"; do
    installed "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "installing$missing"
  # shellcheck disable=SC2086  # package names have no blanks
  case $(package_tool) in
    apt) apt_install $missing ;;
    dnf) again dnf -q -y --setopt=install_weak_deps=False install $missing ;;
    apk) again apk add -q --no-cache $missing ;;
  esac
}
