# packages: given names the tools that devenv.yaml has a list for, and each such tool is a variable with its list.
: "${apt=}" "${dnf=}" "${apk=}"
tool=$(package_tool)
case " $given " in
  *" $tool "*) ;;
  *)
    echo "packages are named for $given, but this box has $tool: add a list for it (which may be empty: $tool: [])" >&2
    exit 1 ;;
esac
case $tool in
  apt) list=$apt ;;
  dnf) list=$dnf ;;
  apk) list=$apk ;;
esac
# shellcheck disable=SC2086  # package names have no blanks
install_packages $list
echo "installed: ${list:-nothing asked for}"
