#!/bin/sh
# Run PostgreSQL and make the database, unless that is done. Run as root, at every `devenv up`.
set -eu

# from where the user postgres may read
cd /
# where no systemd runs, nothing is started by itself; returns when the server takes connections
service postgresql start >/dev/null

# The box's user needs no password for the role of its name; createdb: each test makes a database of its own.
# From template0: a box without a locale has its cluster in SQL_ASCII, where jsonb refuses é.
runuser -u postgres -- psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 <<'SQL'
select 'create role vagrant login createdb'
 where not exists (select from pg_roles where rolname = 'vagrant') \gexec
select 'create database documents owner vagrant template template0 encoding ''UTF8'' locale ''C.UTF-8'''
 where not exists (select from pg_database where datname = 'documents') \gexec
SQL
