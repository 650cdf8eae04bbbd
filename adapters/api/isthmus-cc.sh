#!/bin/sh
# isthmus-cc - clang for WASI preview1 with sockets: the headers, and when it links, the libraries
#
# Everything is found from where this file stands: ../include, ../wasm, ../wasm-nosimd, ../deps/wasi-libc.
set -eu

me=$(basename "$0")
say() { echo "$me: $1" >&2; exit 1; }

self=$0
case $self in */*) ;; *) self=$(command -v -- "$0") || say "cannot find where I stand" ;; esac
while [ -L "$self" ]; do
    to=$(readlink "$self")
    case $to in /*) self=$to ;; *) self=$(dirname "$self")/$to ;; esac
done
home=$(cd "$(dirname "$self")/.." && pwd -P)

usage() {
    cat <<EOF
usage: $me [any option of clang] FILE...
  Compiles C for WASI preview1 and links it with the Isthmus network: POSIX sockets, getaddrinfo, libtls (<tls.h>).
  The module imports isthmus.exchange and the WASI functions that the program itself uses; run it with isthmus run.
      $me -O2 hello.c -o hello.wasm
      ./configure --host=wasm32-wasi CC=$me
Defaults, before your options: -O2 -msimd128 -mbulk-memory -msign-ext -mnontrapping-fptoint, a stack of 1 MiB.
  --no-simd               for hosts without SIMD
  --print-flags           the flags for other build systems: "cflags: ..." and "ldflags: ..."
  --print-flags=cflags    or ldflags: the one line alone
  --help                  this text; --help=... is clang's
  -s                      strips, and makes it small: wasm-opt does its part where it is installed (Debian's binaryen)
Environment: WASI_SDK_PATH=DIR uses an installed wasi-sdk instead of Debian's clang.
Not supported: -shared, -pthread.
EOF
    exit 0
}

lib=wasm simd=-msimd128 link=yes inputs= print=
# clang runs the wasm-opt it finds after it has linked, which takes time and drops the names of functions: only when they go anyway.
# (Its --no-wasm-opt does not link at all in clang 19; the wasm-opt in this folder does nothing.)
small=-B$home/bin/no-wasm-opt
for a; do
    case $a in
    --help) usage ;;
    --no-simd | -mno-simd128) lib=wasm-nosimd simd= ;;
    --print-flags) print=both ;;
    --print-flags=*) print=${a#*=} ;;
    -c | -S | -E | -M | -MM | -fsyntax-only | --version | -print-* | --print-* | -dump* | --help=* | -help | -emit-ast) link= ;;
    -shared | -dynamiclib) say "$a: a wasm module of its own is what there is; no shared libraries" ;;
    -pthread) say "-pthread: WASI preview1 has no threads" ;;
    -r | -nostdlib | -nodefaultlibs) link= ;;   # the linker's own business then
    # References in the code may be written short once nobody has to find them again.
    -s | -Wl,-s | -Wl,--strip-all) small=-Wl,--compress-relocations ;;
    -) inputs=yes ;;
    -*) ;;
    *) inputs=yes ;;
    esac
done
[ -n "$inputs" ] || link=

sdk=${WASI_SDK_PATH:-@WASI_SDK_PATH@}
case $me in *++) clang=clang++ ;; *) clang=clang ;; esac
if [ -n "$sdk" ]; then
    cc=$sdk/bin/$clang sysroot=$sdk/share/wasi-sysroot
    [ -x "$cc" ] || say "WASI_SDK_PATH: there is no $cc"
else
    cc=$clang-@LLVM@ sysroot=$home/deps/wasi-libc/usr
    command -v "$cc" >/dev/null || say "$cc is not installed: run make setup, or set WASI_SDK_PATH to a wasi-sdk"
fi
[ -d "$sysroot/include" ] || say "wasi-libc is missing ($sysroot): run make setup"
[ -d "$home/include/posix" ] || say "the headers are missing ($home/include): run make"

emulated="-D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_MMAN"
machine="$simd -mbulk-memory -msign-ext -mnontrapping-fptoint"
tls=
[ ! -f "$home/$lib/libtls.a" ] || tls=-ltls
libs="-listhmus-posix $tls -listhmus -lwasi-emulated-signal -lwasi-emulated-process-clocks -lwasi-emulated-getpid -lwasi-emulated-mman"
# The stack lies below the data: overflowing it traps instead of writing over variables.
stack="-Wl,-z,stack-size=1048576 -Wl,--stack-first"
cflags="--target=wasm32-wasi --sysroot=$sysroot -isystem $home/include/posix -isystem $home/include $emulated $machine"
ldflags="--target=wasm32-wasi --sysroot=$sysroot $stack -L$home/$lib $libs"

case $print in
both) echo "cflags: $cflags"; echo "ldflags: $ldflags"; exit 0 ;;
cflags) echo "$cflags"; exit 0 ;;
ldflags) echo "$ldflags"; exit 0 ;;
?*) say "--print-flags=$print: cflags or ldflags" ;;
esac

if [ -n "$link" ]; then
    for f in "$home/$lib/libisthmus.a" "$home/$lib/libisthmus-posix.a"; do
        [ -f "$f" ] || say "$f is missing: run make"
    done
    # Debian has no libc++ for wasm: C++ without its library links, and with a wasi-sdk all of it does.
    [ $clang = clang ] || ls "$sysroot"/lib/*/libc++.a >/dev/null 2>&1 || libs="$libs -nostdlib++"
fi

# The one option that clang does not know is dropped; quoting survives.
n=$#
while [ $n -gt 0 ]; do
    a=$1
    shift
    n=$((n - 1))
    [ "$a" = --no-simd ] || set -- "$@" "$a"
done
[ -z "$link" ] || set -- "$@" --start-no-unused-arguments "-L$home/$lib" $libs "$small" --end-no-unused-arguments
# What is ours is never "unused": a step that only links or only preprocesses does not need all of it.
exec "$cc" --start-no-unused-arguments --target=wasm32-wasi "--sysroot=$sysroot" -isystem "$home/include/posix" \
    -isystem "$home/include" $emulated -O2 $machine $stack --end-no-unused-arguments "$@"
