#!/bin/sh
# Makes sure that real FRR, Kea, DHCP clients and OpenSSH are there. As root on Debian it installs them; elsewhere it says what is missing
# and lets the caller go on: tests that need them are then skipped and counted.
set -eu
has() {
  [ -x /usr/lib/frr/bgpd ] && [ -x /usr/sbin/sshd ] && command -v vtysh >/dev/null && command -v ip >/dev/null \
    && command -v kea-dhcp4 >/dev/null && command -v kea-dhcp6 >/dev/null && command -v kea-ctrl-agent >/dev/null && command -v perfdhcp >/dev/null \
    && command -v udhcpc >/dev/null && command -v dhclient >/dev/null && command -v openssl >/dev/null
}
# The configurations that come with Kea. Not everywhere is documentation installed: tests that read them are then skipped and counted.
examples() { [ -d /usr/share/doc/kea/examples ] || [ "$(id -u)" != 0 ] || apt-get install -y -qq --no-install-recommends kea-doc > /dev/null 2>&1 || true; }
# Of 130 kB, for one test that is skipped without it.
lua() { command -v lua5.4 >/dev/null || [ "$(id -u)" != 0 ] || apt-get install -y -qq --no-install-recommends lua5.4 > /dev/null 2>&1 || true; }
has && { examples; lua; exit 0; }
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "» FRR, Kea or OpenSSH is missing and only root on Debian can install them here: apt-get install frr openssh-server iproute2 kea-dhcp4-server kea-dhcp6-server kea-ctrl-agent kea-admin udhcpc isc-dhcp-client openssl" >&2
  exit 0
fi
echo "» installing FRR, Kea and OpenSSH (about a minute)"
# No daemon starts by itself: the lab starts its own in network namespaces.
[ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; made=1; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends frr frr-pythontools frr-rpki-rtrlib openssh-server iproute2 procps iputils-ping openssl \
  kea-dhcp4-server kea-dhcp6-server kea-ctrl-agent kea-admin udhcpc isc-dhcp-client > /dev/null
[ "${made:-}" ] && rm -f /usr/sbin/policy-rc.d
has || { echo "» FRR or Kea could not be installed; see above" >&2; exit 1; }
examples
lua
