#!/bin/sh
# Makes sure that real Prometheus and Alertmanager are there, with promtool and amtool, as plain programs: none of them is started. As root on
# Debian it installs them; elsewhere it says what is missing: tests that need them are then skipped and counted.
set -eu
has() {
  for each in prometheus promtool prometheus-alertmanager amtool; do command -v "$each" >/dev/null || return 1; done
}
has && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "» Prometheus is missing and only root on Debian can install it here: apt-get install prometheus prometheus-alertmanager" >&2
  exit 0
fi
echo "» installing Prometheus and Alertmanager (about 20 seconds)"
[ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; made=1; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends prometheus prometheus-alertmanager > /dev/null
[ "${made:-}" ] && rm -f /usr/sbin/policy-rc.d
has || { echo "» Prometheus could not be installed; see above" >&2; exit 1; }
