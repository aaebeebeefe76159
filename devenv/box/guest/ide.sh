# ide: what editors need in the box. $venv is the virtual environment they use, $owner the user it belongs to,
# $requirements the Python packages that go into it.
case $(package_tool) in
  # pip comes with the virtual environment
  apt) install_packages python3 python3-venv tar curl ca-certificates openssh-sftp-server procps ;;
  dnf) install_packages python3 python3-pip tar curl ca-certificates openssh-server procps-ng ;;
  apk) install_packages python3 py3-pip tar curl ca-certificates openssh-sftp-server procps bash libstdc++ gcompat ;;
esac

# the box's own packages are seen in it: what devenv.yaml installs is what the program runs with
# one that was interrupted while it was made has a pip as well, but sees nothing of the box yet
if ! grep -q '^include-system-site-packages = true' "$venv/pyvenv.cfg" 2>/dev/null ||
  ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
  mkdir -p "${venv%/*}"
  python3 -m venv --clear --system-site-packages "$venv"
fi
if [ -n "$requirements" ]; then
  # shellcheck disable=SC2086  # requirements have no blanks
  if ! "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-input --no-cache-dir \
      --root-user-action=ignore $requirements; then
    echo "does the box trust your network's certificates? trust_host_certificates: true in devenv.yaml" >&2
    exit 1
  fi
fi
# what is in it, for the next editor: it is asked to add to that
printf '%s\n' "$requirements" >"$venv/devenv-packages"
# theirs to add packages to: devenv pip install
chown -R "$owner" "${venv%/*}"
echo "editors' interpreter: $venv/bin/python"
