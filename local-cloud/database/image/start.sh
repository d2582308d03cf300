#!/bin/sh
# Makes the database that RDS was asked for, then serves it. The superuser is the master user; connections over
# the network need its password, and only those: it listens on nothing else until that is so.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  umask 077
  printf '%s\n' "$POSTGRES_PASSWORD" >"$PGDATA/../password"
  initdb --username="$POSTGRES_USER" --pwfile="$PGDATA/../password" --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=trust --auth-host=scram-sha-256 --no-sync >/dev/null
  rm "$PGDATA/../password"
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  pg_ctl --silent --wait --options='-c listen_addresses=' start
  if [ "$POSTGRES_DB" != postgres ]; then createdb --username="$POSTGRES_USER" "$POSTGRES_DB"; fi
  pg_ctl --silent --wait stop
fi
unset POSTGRES_PASSWORD
exec postgres -c listen_addresses='*' -c fsync=off -c ssl=on \
  -c ssl_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem -c ssl_key_file=/etc/ssl/private/ssl-cert-snakeoil.key
