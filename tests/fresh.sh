#!/bin/sh
# fresh.sh [TARGET...] - the README's commands on a new Debian 12: debootstrap into a folder, enter it with pivot_root, clone, make
#
# Takes the committed tree, not the work tree. Root only. The folder is FRESH (default: a new one under TMPDIR), removed at the end unless
# KEEP=1. The archive is the one that this machine's own package sources name; the network is this machine's.
set -eu

[ "$(id -u)" -eq 0 ] || { echo "fresh: needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "fresh: needs the package debootstrap" >&2; exit 1; }
top=$(git rev-parse --show-toplevel)
archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | sort -u | head -n 1)
root=${FRESH:-$(mktemp -d "${TMPDIR:-/tmp}/fresh.XXXXXX")}
chmod 755 "$root" 2>/dev/null || true   # mktemp's 700 would be the new root's: passt, as nobody, could not enter it
targets=${*:-demo test}
clean() { [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$root"; }
trap clean EXIT

[ -e "$root/bin/sh" ] || debootstrap --variant=minbase --include=git,make,ca-certificates bookworm "$root" "$archive" >"$root.log" 2>&1 ||
    { tail -n 20 "$root.log" >&2; exit 1; }
rm -f "$root.log"
echo "deb $archive bookworm main" >"$root/etc/apt/sources.list"
for f in /etc/apt/apt.conf.d/*proxy* /etc/apt/auth.conf; do [ ! -e "$f" ] || cp "$f" "$root$f"; done
cp /etc/resolv.conf "$root/etc/resolv.conf"
# authorities that this machine trusts besides Debian's, for npm and pip
mkdir -p "$root/usr/local/share/ca-certificates"
for f in /usr/local/share/ca-certificates/*.crt; do [ ! -e "$f" ] || cp "$f" "$root$f"; done
rm -rf "$root/srv/isthmus" "$root/srv/shared"
git -c safe.directory='*' clone -q "$top" "$root/srv/isthmus"
[ ! -d "${VECTORS:-$top/../shared/data}" ] || { mkdir -p "$root/srv/shared"; cp -r "${VECTORS:-$top/../shared/data}" "$root/srv/shared/data"; }

# pivot_root, not chroot: passt makes a user namespace, which the kernel refuses inside a chroot.
unshare -m -p -f --mount-proc sh -euc '
    root=$1; shift
    mount --make-rprivate /
    mount --bind "$root" "$root"
    cd "$root"
    mount --rbind /dev dev
    mount -t tmpfs tmp tmp
    mkdir -p .old
    pivot_root . .old
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    umount -l /.old
    /usr/sbin/update-ca-certificates >/dev/null
    cd /srv/isthmus
    for target; do
        env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 CI="${CI:-}" PIP_CERT=/etc/ssl/certs/ca-certificates.crt make "$target"
    done
' sh "$root" $targets
