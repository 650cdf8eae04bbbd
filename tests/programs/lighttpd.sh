#!/bin/sh
# lighttpd.sh FOLDER - lighttpd by its own configure and make, with its modules inside
set -eu
here=$(cd "$(dirname "$0")" && pwd) add=$1/include
mkdir -p "$add/sys"
for h in sys/wait.h setjmp.h; do : >"$add/$h"; done    # what of them is used stands in lighttpd_compat.h
printf '#include <sys/queue.h>\n' | "clang-${LLVM:-19}" -E -M - | tr ' ' '\n' | grep 'sys/queue.h$' | xargs -I{} cp {} "$add/sys/queue.h"
cd "$1/source"
echo '#define REPO_VERSION ""' >src/versionstamp.h
for m in access accesslog alias deflate dirlisting expire indexfile proxy redirect rewrite setenv simple_vhost staticfile status webdav; do
    echo "PLUGIN_INIT(mod_$m)"
done >src/plugin-static.h
# Its use of poll() wants the values that Linux has for POLLIN and the others: by select() then.
LIGHTTPD_STATIC=yes ac_cv_func_poll=no ac_cv_func_select=yes ac_cv_header_sys_select_h=yes CC_FOR_BUILD="clang-${LLVM:-19}" ./configure --host=wasm32-wasi CC="$B/bin/isthmus-cc" CFLAGS="-O2 -Wno-int-conversion" CPPFLAGS="-D_GNU_SOURCE -include $here/lighttpd_compat.h -I$add" --disable-shared --enable-static \
    --without-pcre2 --without-pcre --without-zlib --without-bzip2 --without-brotli --without-zstd --without-crypt --without-nettle --without-openssl
make -j2 -C src lighttpd
cp src/lighttpd ../lighttpd.wasm
