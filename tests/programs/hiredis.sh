#!/bin/sh
# hiredis.sh FOLDER - hiredis's own example and tests, unmodified
set -eu
cd "$1/source"
cc="$B/bin/isthmus-cc -O2 -I. -Wno-everything alloc.c net.c hiredis.c sds.c async.c read.c sockcompat.c"
$cc examples/example.c -o ../example.wasm
$cc test.c -o ../tests.wasm
