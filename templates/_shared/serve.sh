#!/bin/sh
# Run a server in the background:
#   serve.sh start COMMAND…   start it unless it runs, and return when it answers on $PORT (8080)
#   serve.sh stop             end it
#
# The server holds a lock for as long as it lives. A second start finds the lock taken and leaves the
# server alone; a box that is switched off leaves nothing behind that could be taken for a running one.
set -eu

port=${PORT:-8080}
seconds=${SERVE_TIMEOUT:-60}
state=${XDG_STATE_HOME:-$HOME/.local/state}/serve-$(basename "$PWD")

running() {
    ! flock --nonblock "$state/lock" true
}

# bash speaks TCP by itself: there may be no curl here
# shellcheck disable=SC2016
answers() {
    timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n" >&3 &&
        read -r line <&3 && [[ $line == HTTP/* ]]' "$port" 2>/dev/null
}

# A session of its own outlives the ssh connection; every descriptor of the caller is closed, or the caller
# would wait for the server to end.
# shellcheck disable=SC2016
launch() {
    setsid flock --nonblock --no-fork "$state/lock" sh -c 'echo $$ >"$0" && exec "$@"' "$state/pid" "$@" \
        </dev/null >"$state/log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
    launched=$!
}

alive() {
    if [ -n "$launched" ]; then kill -0 "$launched" 2>/dev/null; else running; fi
}

start() {
    launched=
    running || launch "$@"
    tries=$((seconds * 5))
    until answers; do
        tries=$((tries - 1))
        if [ "$tries" -le 0 ] || ! alive; then
            tail -n 20 "$state/log" >&2
            echo "serve.sh: nothing answers on port $port; all the server said is in $state/log" >&2
            return 1
        fi
        sleep 0.2
    done
}

stop() {
    running || return 0
    group=$(cat "$state/pid")
    kill -s TERM -- "-$group"
    # the lock is free as soon as the last process of the server is gone
    flock --timeout 10 "$state/lock" true || kill -s KILL -- "-$group"
}

mkdir -p "$state"
# one start or stop at a time
exec 9>"$state/turn"
flock 9
case ${1-} in
start) shift && start "$@" ;;
stop) stop ;;
*) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
