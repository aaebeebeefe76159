# set_variables LABEL: makes the box's logins see variables. The functions profile and environment print the lines for
# the shell and for PAM, $names lists the variables.

# replace FILE: FILE gets what comes on standard input, whole or not at all, readable by all
replace() {
  cat >"$1.devenv"
  chmod 644 "$1.devenv"
  mv "$1.devenv" "$1"
}

set_variables() {
  begin="# $1: written by devenv, do not change" end="# $1: end"
  # login shells
  if [ -d /etc/profile.d ]; then
    { echo "$begin"; profile; } | replace "/etc/profile.d/$1.sh"
  fi
  # everything PAM logs in, such as ssh HOST COMMAND
  touch /etc/environment
  { without_block "$begin" "$end" </etc/environment; echo "$begin"; environment; echo "$end"; } | replace /etc/environment
  # sudo from such a login
  if [ -d /etc/sudoers.d ]; then
    echo "Defaults env_keep += \"$names\"" >"/etc/sudoers.d/.$1"
    chmod 440 "/etc/sudoers.d/.$1"
    if command -v visudo >/dev/null 2>&1 && ! visudo -q -c -f "/etc/sudoers.d/.$1"; then
      rm -f "/etc/sudoers.d/.$1"
      return 1
    fi
    mv "/etc/sudoers.d/.$1" "/etc/sudoers.d/$1"
  fi
}

# a block without its end was cut short by somebody: only its first line is dropped, to lose nothing of theirs
without_block() {
  awk -v begin="$1" -v end="$2" '
    { lines[NR] = $0; if ($0 == end) last = NR }
    END {
      for (i = 1; i <= NR; i++) {
        if (lines[i] == begin) { if (last > i) i = last; continue }
        print lines[i]
      }
    }'
}
