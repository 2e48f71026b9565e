#!/bin/sh
# Makes sure that what a NetBox of one's own needs is there: PostgreSQL, Redis, a C compiler with libpq. As root on Debian it installs
# them; elsewhere it says what is missing: tests that need a NetBox are then skipped and counted. Python 3.12 or newer must be there already.
set -eu
has() {
  command -v redis-server >/dev/null && command -v pg_config >/dev/null && command -v gcc >/dev/null && [ -x "$(pg_config --bindir)/postgres" ]
}
has && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "» a NetBox needs what only root on Debian can install here: apt-get install postgresql libpq-dev redis-server gcc" >&2
  exit 0
fi
echo "» installing PostgreSQL and Redis (about a minute)"
[ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; made=1; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends postgresql libpq-dev redis-server gcc libc6-dev > /dev/null
[ "${made:-}" ] && rm -f /usr/sbin/policy-rc.d
has || { echo "» PostgreSQL or Redis could not be installed; see above" >&2; exit 1; }
