#!/bin/sh
# Runs a command in which the lab works without root: test/lab/ordinary-user.sh COMMAND…
# A user namespace in which the caller is root of everything that the lab touches: namespaces, mounts, /run, and FRR's
# accounts, which all stand for the caller. FRR itself runs whole there: zebra, routes and all.
set -eu
PATH=$PATH:/usr/sbin:/sbin
if [ "${PLUMB_LAB_USERNS:-}" != 1 ]; then
  unshare -U -r true 2>/dev/null || { echo "this machine lets an ordinary user make no user namespaces: no lab without root" >&2; exit 1; }
  export PLUMB_LAB_USERNS=1
  exec unshare -U -r -n -m "$0" "$@"
fi
accounts=$(mktemp -d)
# zebra and vtysh look FRR's user and groups up by name; sshd wants its users to be the one it runs as (see router.ts).
sed -e 's/^frr:x:[0-9]*:[0-9]*:/frr:x:0:0:/' -e '/^plumb-/d' /etc/passwd > "$accounts/passwd"
printf '%s:*:1000:1000::%s:/bin/sh\n' plumb-observe / plumb-apply /var/lib/plumbline plumb-human / >> "$accounts/passwd"
sed -E -e 's/^(frr|frrvty):x:[0-9]*:/\1:x:0:/' /etc/group > "$accounts/group"
mount --bind "$accounts/passwd" /etc/passwd
mount --bind "$accounts/group" /etc/group
rm -r "$accounts" # mounted, they live on
mount -t tmpfs run /run
mount -t tmpfs state /var/lib
ip link set lo up
exec "$@"
