# The guest's side of devenv run: sh -c TEXT devenv-run FILE FOLDER COMMAND...
# Writes its process group to FILE, runs COMMAND in FOLDER ("": where we are) and exits with its code.
f=$1 d=$2
shift 2
read -r _ _ _ _ g _ </proc/$$/stat
(umask 077 && echo "$g" >"$f")

# the processes of our group but this one, its leader (sshd's child) and the reader of /proc itself
others() {
  read -r me _ </proc/self/stat
  for p in /proc/[0-9]*; do
    n=${p#/proc/}
    # shellcheck disable=SC2086
    read -r l <"$p/stat" && set -- ${l##*) } && [ "$3" = "$g" ] &&
      [ "$n" != $$ ] && [ "$n" != "$me" ] && [ "$n" != "$g" ] && echo "$n"
  done 2>/dev/null
}

# a trap and not '': the command gets the default action back
s=
trap s=1 INT TERM HUP
for p in /etc/profile.d/devenv*.sh; do
  # shellcheck disable=SC1090
  if [ -r "$p" ]; then . "$p"; fi
done
if [ -n "$d" ]; then
  cd "$d" 2>/dev/null || echo "devenv: $d is not there in the box; running in $PWD" >&2
fi
# the shell's own remark on a killed command goes nowhere
exec 3>&2 2>/dev/null
("$@" 2>&3 3>&-)
c=$?
exec 3>&-
if [ -n "$s" ]; then
  # what a shell runs in the background ignores INT: it ends with its command all the same
  m=$(others)
  # shellcheck disable=SC2086
  sudo -n kill -TERM $m || kill -TERM $m
  while [ -n "$(others)" ]; do sleep 0.1; done
fi
rm -f "$f"
# ssh says 255 for its own failures too
[ $c -ne 255 ] || : >"$f.255"
exit $c
