# devenv's step runner: runs a provisioning step, and records it only after it succeeded. Few programs are started
# here: each costs a tenth of a second in an emulated box.
devenv_state=${DEVENV_STATE:-/var/lib/devenv}

# devenv_started PID: sets started to when a process began, in the kernel's ticks; fails when there is none
devenv_started() {
  # the 20th word after the name, which is in brackets and may hold anything (proc(5))
  # shellcheck disable=SC2086
  read -r started 2>/dev/null <"/proc/$1/stat" && set -- ${started##*) } && started=${20}
}

# devenv_alive "PID STARTED": says whether that very process is still there, not another that got its number
devenv_alive() {
  devenv_started "${1%% *}" && [ "$1" = "${1%% *} $started" ]
}

# devenv_step NAME ID SHA256 WHEN USER WORKDIR; two lines of base64 on standard input: script, payload ("" for none).
# Exits with the script's own code. A step already recorded with the same SHA256 is left out unless WHEN is "always".
devenv_step() (
  name=$1 id=$2 sha=$3 when=$4 user=$5 dir=$6
  umask 022
  [ -d "$devenv_state/steps" ] || mkdir -p "$devenv_state/steps" || exit 1
  record=$devenv_state/steps/$id
  if [ -f "$record" ]; then
    while IFS= read -r line; do
      if [ "$when:$line" = "once:sha256=$sha" ]; then exit 0; fi
    done <"$record"
    rm -f "$record"
  fi
  # a devenv that was killed leaves its step running here: a second apt beside it would only break both
  if IFS= read -r other <"$devenv_state/running" && [ "${other%% *}" != $$ ] && devenv_alive "$other"; then
    echo "waiting for a step that is still running here"
    while devenv_alive "$other"; do sleep 1; done
    case $when in once) while IFS= read -r line; do [ "$line" != "sha256=$sha" ] || exit 0; done <"$record" ;; esac
  fi 2>/dev/null
  devenv_started $$ && echo "$$ $started" >"$devenv_state/running"
  # nobody else can write here, so the name needs no luck
  work=$devenv_state/work.$$
  # left by a step that was killed, when its number comes again
  [ ! -d "$work" ] || rm -rf "$work"
  mkdir "$work" || exit 1
  trap 'rm -rf "$work"' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  IFS= read -r script
  IFS= read -r payload
  printf %s "$script" | base64 -d >"$work/step" || exit 1
  DEVENV_STEP=$name DEVENV_PAYLOAD=
  if [ -n "$payload" ]; then
    DEVENV_PAYLOAD=$work/payload
    printf %s "$payload" | base64 -d >"$DEVENV_PAYLOAD" || exit 1
  fi
  export DEVENV_STEP DEVENV_PAYLOAD
  # what `env:` and the host's certificates set, for scripts with an interpreter of their own as well
  for file in /etc/profile.d/devenv*.sh; do
    # shellcheck disable=SC1090
    if [ -r "$file" ]; then . "$file"; fi
  done
  IFS= read -r first <"$work/step"
  case $first in
    '#!'*) chmod 755 "$work/step" && set -- "$work/step" ;;
    *) if [ -x /bin/bash ]; then set -- /bin/bash -l "$work/step"; else set -- /bin/sh -l "$work/step"; fi ;;
  esac
  started=$(date +%s)
  if ! cd "${dir:-/nowhere}" 2>/dev/null; then
    case $user in *[!a-z0-9_-]*) cd / ;; *) eval "cd ~$user" || cd / ;; esac || exit 1
  fi
  if [ "$user" = root ]; then
    HOME=/root "$@" </dev/null
  else
    sudo -H -u "$user" DEVENV_STEP="$name" DEVENV_PAYLOAD="$DEVENV_PAYLOAD" -- "$@" </dev/null
  fi
  code=$?
  [ $code -eq 0 ] || exit $code
  ended=$(date -u '+%s %Y-%m-%dT%H:%M:%SZ')
  printf 'name=%s\nsha256=%s\nexit=0\nat=%s\nseconds=%s\n' "$name" "$sha" "${ended#* }" "$((${ended% *} - started))" \
    >"$record.new" && mv "$record.new" "$record"
)
