#!/bin/sh
# setup.sh WHY PACKAGE... - install the Debian packages that are missing, saying which and why first; nothing when all is there
#
# A package may be written NAME:COMMAND: it is not needed where COMMAND is on the path. NODE stands for Node 18 or later.
# No service is started by an installation (policy-rc.d), and one that was there before is left as it is.
set -eu

why=$1
shift
missing=
for want in "$@"; do
    package=${want%%:*}
    case $want in
    NODE)
        major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
        [ "$major" -ge 18 ] && continue
        package=nodejs ;;
    *:*) command -v "${want#*:}" >/dev/null 2>&1 && continue ;;
    esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "setup: $why. Installing from Debian:$missing"
command -v apt-get >/dev/null || { echo "setup: this is no Debian: install these yourself:$missing" >&2; exit 1; }
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: need root or sudo to install:$missing" >&2; exit 1; }
    as_root=sudo
fi
policy=/usr/sbin/policy-rc.d
made=
if ! [ -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
    made=1
fi
clean() { [ -z "$made" ] || $as_root rm -f $policy; }
trap clean EXIT
install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >"$log" 2>&1; }
log=$(mktemp)
# the lists may be old or absent: fetch them when the first try fails
install || { $as_root apt-get update -qq && install; } || { cat "$log" >&2; rm -f "$log"; echo "setup: could not install:$missing" >&2; exit 1; }
rm -f "$log"
