#!/bin/sh
# run.sh - two sandboxes: one pings the other, by IPv4 and by IPv6; run from the project's root
set -eu
B=${B:-build}
for host in ${*:-other}; do
    "$B/bin/isthmus" run --link switch:lan --name other --background "$B/demos/echo/echo-server.wasm" \
        -- --link switch:lan --name pinger "$B/demos/ping/ping.wasm" -c 3 -i 0.2 "$host"
done
