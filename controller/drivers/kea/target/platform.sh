#!/bin/sh
# The part of Kea of the guard: see drivers/guard/guard.sh, which follows it.
# A file of configurations has a line for each daemon: its name, and the arguments of config-set, which hold all its configuration.
services=${KEA_SERVICES:-dhcp4 dhcp6}
# A router on the same machine is another device, with changes of its own: its guard must not find these.
ROUTER=${ROUTER:-kea}

# One command, from standard input, to daemon $1; its answer in one line. A daemon takes one on each connection, and closes it.
# The connection is not closed for writing: a daemon that still works on a large configuration would take that for the end.
talk() {
  case $1 in dhcp4) socket=${KEA_DHCP4:-/run/kea/kea4-ctrl-socket} ;; *) socket=${KEA_DHCP6:-/run/kea/kea6-ctrl-socket} ;; esac
  if command -v perl > /dev/null; then
    timeout 180 perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 69; local $/; print $s scalar <STDIN>; $s->flush; while (sysread($s, my $b, 65536)) { $b =~ tr/\n/ /; print $b }' "$socket" 9>&-
  elif command -v python3 > /dev/null; then
    timeout 180 python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.stdin.buffer.read())
while True:
    b = s.recv(65536)
    if not b: break
    sys.stdout.buffer.write(b.replace(b"\n", b" "))' "$socket" 9>&-
  else
    { cat; sleep 180; } | timeout 180 nc -U "$socket" 9>&- | tr '\n' ' '
  fi
  echo
}

# Result of the answer in $1; 69 when there is none. Quotes inside of texts have a backslash before them.
result_of() { sed -n 's/.*"result": *\([0-9]*\).*/\1/p' "$1" | grep . || echo 69; }

ask() { printf '{"command":"%s"}' "$2" | talk "$1"; }

# Gives daemon $2 what file $3 holds for it, by command $1. The answer is in $work/out; without a line for it nothing is sent.
give() {
  grep -q "^$2 " "$3" || return 0
  { printf '{"command":"%s","arguments":' "$1"; sed -n "s/^$2 //p" "$3"; printf '}'; } | talk "$2" > "$work/out" 2> /dev/null
  [ "$(result_of "$work/out")" = 0 ]
}

save_running() {
  for service in $services; do
    printf '%s ' "$service"
    ask "$service" config-get
  done > "$1" 2> /dev/null
  [ "$(grep -c '"result": *0' "$1")" = "$(echo "$services" | wc -w)" ]
}

# Kea prints the same configuration in the same words: pieces of them are enough to see whether two are equal.
qualify() { tr ',' '\n' < "$1" | sed 's/^ *//' | sort; }

# The file that daemon $1 was started with, as its process tells it.
file_of() {
  pid=$(ask "$1" status-get 2> /dev/null | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
  tr '\0' '\n' < "/proc/$pid/cmdline" 2> /dev/null | sed -n '/^-c$/{n;p;}'
}

# The driver compares: in a file everything may be written in many ways.
say_saved() {
  for service in $services; do
    file=$(file_of "$service")
    [ ! -r "$file" ] || block "startup-$service" "$file"
  done
}

pids() { for service in $services; do ask "$service" status-get 2> /dev/null | sed -n "s/.*\"pid\": *\([0-9]*\).*/$service \1/p"; done; }

# All of it is tried before any of it is sent. A daemon that answers anything but 0 may have lost its leases though it looks well: all get back what
# they had.
carry_out() {
  pids > "$work/pids"
  for word in config-test config-set; do
    for service in $services; do
      [ "$(state)" = applying ] || return 1
      give "$word" "$service" "$work/commands" && continue
      report_refusal "$service $word"
      [ "$word" = config-test ] || replay
      return 1
    done
  done
}

replay() {
  for service in $services; do give config-set "$service" "$work/rollback"; done
}

persist() {
  for service in $services; do
    ask "$service" config-write > "$work/out" 2>&1
    [ "$(result_of "$work/out")" = 0 ] || { cat "$work/out"; return 1; }
  done
}

# A daemon that restarts loads its file.
still_runs() { [ ! -s "$work/pids" ] || [ "$(pids)" = "$(cat "$work/pids")" ]; }

has_settled() {
  for service in $services; do
    up=$(ask "$service" status-get 2> /dev/null | sed -n 's/.*"uptime": *\([0-9]*\).*/\1/p')
    [ "${up:-0}" -ge "$1" ] || return 1
  done
}
