#!/bin/sh
# run.sh [CLIENTS] - an echo server in one sandbox, 1,000 clients at once in another; run from the project's root
set -eu
B=${B:-build}
clients=${1:-1000}
exec "$B/bin/isthmus" run --stats --link switch:lan --name server --env "CLIENTS=$clients" "$B/demos/echo/echo-server.wasm" 7 \
    -- --link switch:lan --name clients "$B/demos/echo/echo-clients.wasm" server 7 "$clients"
