#!/bin/sh
# curl.sh FOLDER - curl by its own configure, with BearSSL as its TLS
set -eu
cc=$B/bin/isthmus-cc tls=$1/bearssl here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$tls/lib" "$tls/objects"
ln -sfn "$B/deps/bearssl/inc" "$tls/include"
cd "$tls/objects"
printf '%s\n' "$B"/deps/bearssl/src/*.c "$B"/deps/bearssl/src/*/*.c "$here/curl_entropy.c" | grep -v /sysrng.c |
    xargs -P 2 -n 20 "$cc" -w -c -DBR_INT128=0 -DBR_64=1 -DBR_LE_UNALIGNED=1 -DBR_USE_UNIX_TIME=1 -DBR_USE_URANDOM=0 -I"$tls/include" -I"$B/deps/bearssl/src"
llvm-ar-"${LLVM:-19}" rcs "$tls/lib/libbearssl.a" ./*.o
cd "$1/source"
./configure --host=wasm32-wasi CC="$cc" --disable-shared --with-bearssl="$tls" --with-ca-bundle=/etc/ssl/cert.pem --disable-threaded-resolver \
    --disable-ntlm-wb --disable-ldap --disable-unix-sockets --disable-manual --without-zlib --without-libpsl --without-brotli --without-zstd \
    --without-nghttp2 --without-libidn2
make -j2
cp src/curl ../curl.wasm
