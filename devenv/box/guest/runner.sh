# devenv's step runner: runs a provisioning step as it should be run, and records it only after it succeeded.
devenv_record=${DEVENV_RECORD:-/var/lib/devenv/steps}

# devenv_step NAME ID SHA256 WHEN USER WORKDIR, each in base64; two lines of base64 on standard input: script, payload.
# Exits with the script's own code. A step already recorded with the same SHA256 is left out unless WHEN is "always".
devenv_step() (
  name=$(printf %s "$1" | base64 -d) id=$(printf %s "$2" | base64 -d) sha=$(printf %s "$3" | base64 -d)
  when=$(printf %s "$4" | base64 -d) user=$(printf %s "$5" | base64 -d) dir=$(printf %s "$6" | base64 -d)
  umask 022
  mkdir -p "$devenv_record"
  record=$devenv_record/$id
  if [ "$when" = once ] && [ "$(sed -n 's/^sha256=//p' "$record" 2>/dev/null)" = "$sha" ]; then exit 0; fi
  rm -f "$record"
  work=$(mktemp -d /tmp/devenv-step.XXXXXX) && chmod 755 "$work" || exit 1
  trap 'rm -rf "$work"' EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  IFS= read -r script; IFS= read -r payload
  printf %s "$script" | base64 -d >"$work/step" && printf %s "$payload" | base64 -d >"$work/payload" || exit 1
  chmod 755 "$work/step"
  if [ "$(head -c 2 "$work/step")" != '#!' ]; then
    shell=$(command -v bash || command -v sh)
    printf '#!%s -l\n' "$shell" | cat - "$work/step" >"$work/whole" && mv "$work/whole" "$work/step" && chmod 755 "$work/step"
  fi
  started=$(date +%s)
  if [ "$user" = root ]; then home=/root; else home=$(getent passwd "$user" | cut -d: -f6); fi
  cd "${dir:-/nowhere}" 2>/dev/null || cd "${home:-/}" || exit 1
  if [ "$user" = root ]; then
    DEVENV_STEP=$name DEVENV_PAYLOAD=$work/payload "$work/step" </dev/null
  else
    sudo -H -u "$user" DEVENV_STEP="$name" DEVENV_PAYLOAD="$work/payload" "$work/step" </dev/null
  fi
  code=$?
  [ $code -eq 0 ] || exit $code
  printf 'name=%s\nsha256=%s\nexit=0\nat=%s\nseconds=%s\n' "$1" "$sha" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    "$(($(date +%s) - started))" >"$record.new" && mv "$record.new" "$record"
)
