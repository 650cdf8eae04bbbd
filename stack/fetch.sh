#!/bin/sh
# fetch.sh NAME DEST - fetch one dependency of stack/deps.lock into DEST, unpack it, apply stack/patches/NAME-*.patch
#
# FETCH_LIST names another folder than stack with such a list and such patches.
# Files come from the Debian archives that this machine's own package sources name; FETCH_FROM names other folders or
# addresses, separated by spaces. A file that was fetched once is kept beside DEST and used again without a network.
set -eu

name=$1 dest=$2
here=${FETCH_LIST:-$(dirname "$0")}
set -- $(awk -v n="$name" '$1 == n { print $2, $3 }' "$here/deps.lock")
[ $# -eq 2 ] || { echo "fetch: $here/deps.lock has no line for '$name'" >&2; exit 1; }
path=$1 sum=$2
file=$(dirname "$dest")/download/$(basename "$path")
mkdir -p "$(dirname "$file")"

check() { [ -f "$1" ] && echo "$sum  $1" | sha256sum --check --status; }

if ! check "$file"; then
    helper=/usr/lib/apt/apt-helper
    [ -x "$helper" ] || { echo "fetch: $helper is missing: this needs Debian's apt. Put $(basename "$path") (sha256 $sum) into $(dirname "$file")" >&2; exit 1; }
    bases=${FETCH_FROM:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u)}
    for base in $bases; do
        echo "fetch: $name"
        # apt-helper refuses a file whose sum is not the one named
        if "$helper" -qq -o APT::Sandbox::User=root download-file "${base%/}/pool/main/$path" "$file.part" "SHA256:$sum" 2>"$file.log" && check "$file.part"; then
            mv "$file.part" "$file"
            break
        fi
        rm -f "$file.part"
    done
    check "$file" || { echo "fetch: no package source of this machine gave $path with sha256 $sum:" >&2; cat "$file.log" >&2; exit 1; }
    rm -f "$file.log"
fi

rm -rf "$dest.new" "$dest"
mkdir -p "$dest.new"
case $file in
*.deb) dpkg-deb -x "$file" "$dest.new" ;;
*) tar -xf "$file" -C "$dest.new" --strip-components=1 ;;
esac
for patch in "$here"/patches/"$name"-*.patch; do
    [ -f "$patch" ] || continue
    patch -d "$dest.new" -p1 --forward --quiet --no-backup-if-mismatch <"$patch" ||
        { echo "fetch: $patch does not apply to $name" >&2; exit 1; }
done
mv "$dest.new" "$dest"
