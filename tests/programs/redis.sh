#!/bin/sh
# redis.sh FOLDER - redis-cli and redis-benchmark, unmodified; the stub of threads says no to --threads
set -eu
cd "$1/source/src"
for name in SHA1 DIRTY; do echo "#define REDIS_GIT_$name \"0\""; done >release.h
echo '#define REDIS_BUILD_ID "isthmus"' >>release.h
deps=../deps
cc="$B/bin/isthmus-cc -O2 -D_WASI_EMULATED_PTHREAD -Dumask(mask)=0 -DREDIS_STATIC= -DHDR_MALLOC_INCLUDE=\"hdr_redis_malloc.h\" -w
    -I$deps/hiredis -I$deps/linenoise -I$deps/hdr_histogram -I$deps/lua/src"
hiredis=$(printf "$deps/hiredis/%s.c " alloc net hiredis sds async read)
both="ae.c anet.c adlist.c dict.c zmalloc.c redisassert.c release.c crcspeed.c crc64.c siphash.c crc16.c monotonic.c cli_common.c mt19937-64.c $hiredis"
$cc redis-cli.c $both $deps/linenoise/linenoise.c -o ../../redis-cli.wasm
$cc redis-benchmark.c $both $deps/hdr_histogram/hdr_histogram.c -lwasi-emulated-pthread -o ../../redis-benchmark.wasm
