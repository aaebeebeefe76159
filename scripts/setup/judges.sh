# shellcheck shell=bash
# What judges edited files in the tests and is no Debian package. Sourced by scripts/setup.sh.

# shellcheck disable=SC2154  # venv: scripts/setup.sh

install_judges() {
    if [ -d "$venv/node_modules/jsonc-parser" ]; then return 0; fi
    act "npm install jsonc-parser into $venv" npm_install
}

npm_install() {
    if ! npm install --silent --no-audit --no-fund --prefix "$venv" jsonc-parser@3 >"$venv/npm.log" 2>&1 </dev/null; then
        tail -n 15 "$venv/npm.log" | sed 's/^/    /' >&2
        die 1 "npm install failed; the whole output is in $venv/npm.log"
    fi
}
