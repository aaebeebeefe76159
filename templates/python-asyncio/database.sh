#!/bin/sh
# Run PostgreSQL and make the database, unless that is done. Run as root, at every `devenv up`.
set -eu

owner=vagrant
database=documents

as_postgres() {
    runuser -u postgres -- "$@"
}

# from where the user postgres may read
cd /
# a box without systemd starts nothing by itself
service postgresql start >/dev/null
pg_isready --quiet --timeout=60

if ! as_postgres psql -qtAc "select 1 from pg_roles where rolname = '$owner'" | grep -q 1; then
    # who is logged in as this user needs no password; createdb: each test makes a database of its own
    as_postgres createuser --createdb "$owner"
fi
if ! as_postgres psql -qtAc "select 1 from pg_database where datname = '$database'" | grep -q 1; then
    # from template0: a box without a locale has its cluster in SQL_ASCII, where jsonb refuses é
    as_postgres createdb --owner "$owner" --template template0 --encoding UTF8 --locale C.UTF-8 "$database"
fi
