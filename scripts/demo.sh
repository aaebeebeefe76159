#!/usr/bin/env bash
# From a bare machine to a page served by a box: `make demo`.
set -euo pipefail

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${VENV:-$checkout/.venv}
project=$checkout/examples/hello
page_limit=60 # seconds from "up is done" to an answer

case $venv in /*) ;; *) venv=$PWD/$venv ;; esac

say() { printf 'demo: %s\n' "$*"; }

# The port the page is really on: Vagrant may have moved it when another program had the wished one.
host_port() {
    "$venv/bin/devenv" ports --json | "$venv/bin/python" -c '
import json, sys

machines = json.load(sys.stdin)["machines"]
print(machines[0]["ports"][0]["host"])
'
}

# fetch URL: print the page, asking again until it answers or page_limit is over
fetch() {
    "$venv/bin/python" - "$1" "$page_limit" <<'END'
import http.client, sys, time, urllib.request

url, limit = sys.argv[1], time.monotonic() + float(sys.argv[2])
# straight to the box, whatever proxy this network has
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
while True:
    try:
        print(opener.open(url, timeout=5).read().decode(errors="replace").rstrip())
        break
    except (OSError, http.client.HTTPException) as exc:
        if time.monotonic() > limit:
            sys.exit(f"demo: {url} did not answer within {sys.argv[2]} s: {exc}")
        time.sleep(0.2)
END
}

"$checkout/scripts/setup.sh"

cd "$project"
say "devenv up in examples/hello"
"$venv/bin/devenv" up
url=http://127.0.0.1:$(host_port)/
say "$url answers:"
fetch "$url"

devenv=$venv/bin/devenv
case :$PATH: in *:"$venv/bin":*) devenv=devenv ;; esac
cat <<END

demo: ready in ${SECONDS} s. Try next, in examples/hello:
  $devenv status              what runs
  $devenv run -- uname -a     a command in the box
  $devenv ssh                 a shell in the box
  $devenv destroy             remove the box
and in a new folder:
  $devenv init --template python hello && cd hello && $devenv up
END
