#!/bin/sh
# run.sh - an HTTPS server in one sandbox, a client in another, a switch between them; run from the project's root
set -eu
B=${B:-build}
out=$B/demo
rm -rf "$out"
mkdir -p "$out/www" "$out/ca" "$out/got"

# A certificate authority and a certificate for the name "server", made for this run.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$out/ca.key" -out "$out/ca/ca.pem" \
    -days 2 -subj "/CN=Demo CA" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$out/www.key" -out "$out/www.csr" -subj "/CN=server" 2>/dev/null
printf 'subjectAltName=DNS:server\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' >"$out/www.ext"
openssl x509 -req -in "$out/www.csr" -CA "$out/ca/ca.pem" -CAkey "$out/ca.key" -CAcreateserial -days 1 \
    -extfile "$out/www.ext" -out "$out/www.pem" 2>/dev/null
{
    echo '<!doctype html><title>Isthmus</title><h1>Hello from inside a sandbox</h1><pre>'
    seq -f 'line %06.0f of a page that came over TLS, TCP and Ethernet, all of it inside WebAssembly' 1 4000
    echo '</pre>'
} >"$out/www/index.html"
mkdir "$out/keys"
mv "$out/www.pem" "$out/www.key" "$out/keys"

for program in https-pair/https-server fetch/fetch; do
    echo "--- what $(basename $program).wasm imports"
    "$B/bin/isthmus" imports "$B/demos/$program.wasm"
done
echo
echo "--- two sandboxes, one switch"
"$B/bin/isthmus" run --stats --pcap "$out/lan.pcapng" \
    --link switch:lan --name server --background --dir "$out/www::/www" --dir "$out/keys::/keys" \
    "$B/demos/https-pair/https-server.wasm" --root /www /keys/www.pem /keys/www.key \
    -- --link switch:lan --name client --dir "$out/ca::/ca" --dir "$out/got::/got" \
    "$B/demos/fetch/fetch.wasm" -v --ca /ca/ca.pem -o /got/index.html https://server/index.html
echo
echo "--- the page"
served=$(sha256sum <"$out/www/index.html" | cut -d ' ' -f 1)
got=$(sha256sum <"$out/got/index.html" | cut -d ' ' -f 1)
echo "served   $served  $(wc -c <"$out/www/index.html") bytes"
echo "received $got  $(wc -c <"$out/got/index.html") bytes"
echo "capture  $out/lan.pcapng (open it in Wireshark)"
[ "$served" = "$got" ] || { echo "the page differs" >&2; exit 1; }
