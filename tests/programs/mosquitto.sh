#!/bin/sh
# mosquitto.sh FOLDER - mosquitto_pub and mosquitto_sub, without threads and without TLS
set -eu
cd "$1/source"
cc="$B/bin/isthmus-cc -O2 -Iinclude -Ilib -Iclient -Ideps -I. -DVERSION=\"2.0.11\" -Wno-everything"
$cc lib/*.c client/client_shared.c client/client_props.c client/pub_client.c client/pub_shared.c -o ../mosquitto_pub.wasm
$cc lib/*.c client/client_shared.c client/client_props.c client/sub_client.c client/sub_client_output.c -o ../mosquitto_sub.wasm
