#!/bin/sh
# check.sh OUT BEARSSL NATIVE_CC WASM_CC - all of BearSSL's own known-answer and X.509 tests, with our flags, natively and as wasm on Node
#
# Its test programs need all of BearSSL, so all of it is compiled here, about a minute each. Prints TAP. Tests of what needs other machines
# (x86ni, pwr8, pclmul) say so and count as passed.
set -eu
out=$1 bearssl=$(cd "$2" && pwd) native_cc=$3 wasm_cc=$4
flags="-w -std=c11 -I$bearssl/inc -I$bearssl/src -DBR_INT128=0 -DBR_64=1 -DBR_LE_UNALIGNED=1 -DBR_USE_UNIX_TIME=0 -DBR_USE_URANDOM=0
    -DBR_RDRAND=0 -DBR_AES_X86NI=0 -DBR_SSE2=0"
crypto=$(sed -n 's/^.*STU(\([A-Za-z0-9_]*\)).*/\1/p' "$bearssl/test/test_crypto.c" | grep -v '^x$')
n=0 failed=0
mkdir -p "$out"

# result STATUS NAME
result() {
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else failed=1; echo "not ok $n - $2"; sed 's/^/# /' "$out/log" | tail -20; fi
}

# build COMPILER OUTPUT TEST
build() {
    [ "$out/$2" -nt "$bearssl.stamp" ] || $1 -O2 $flags "$bearssl/test/$3.c" "$bearssl"/src/*.c "$bearssl"/src/*/*.c -o "$out/$2"
}

cat >"$out/run.cjs" <<'END'
const { WASI } = require('node:wasi');
const [file, folder, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: ['test', ...args], preopens: { '/': folder, '.': folder }, returnOnExit: true });
WebAssembly.instantiate(require('node:fs').readFileSync(file), { wasi_snapshot_preview1: wasi.wasiImport })
  .then(({ instance }) => { process.exitCode = wasi.start(instance); });
END

build "$native_cc" crypto test_crypto
build "$native_cc" x509 test_x509
build "$wasm_cc -Wl,-z,stack-size=1048576" crypto.wasm test_crypto
build "$wasm_cc -Wl,-z,stack-size=1048576" x509.wasm test_x509
out=$(cd "$out" && pwd)
for test in $crypto; do
    status=0; "$out/crypto" "$test" >"$out/log" 2>&1 || status=$?
    grep -q 'done\.\|UNAVAILABLE' "$out/log" || status=1
    result $status "natively: $test"
    status=0; node --no-warnings "$out/run.cjs" "$out/crypto.wasm" "$bearssl" "$test" >"$out/log" 2>&1 || status=$?
    grep -q 'done\.\|UNAVAILABLE' "$out/log" || status=1
    result $status "as wasm: $test"
done
status=0; (cd "$bearssl" && "$out/x509") >"$out/log" 2>&1 || status=$?
grep -q 'Name extraction: OK' "$out/log" || status=1
result $status "natively: $(grep -c ': OK' "$out/log") X.509 chains"
status=0; node --no-warnings "$out/run.cjs" "$out/x509.wasm" "$bearssl" >"$out/log" 2>&1 || status=$?
grep -q 'Name extraction: OK' "$out/log" || status=1
result $status "as wasm: $(grep -c ': OK' "$out/log") X.509 chains"
echo "1..$n"
exit $failed
