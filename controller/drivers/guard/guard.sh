#!/bin/sh
# The guard of one unconfirmed change. Runs as the apply user; the driver puts the part of its platform before it and installs both under their digest.
#
#   arm TOKEN EPOCH SECONDS HOLDER   lock, epoch, backup out; "go BYTES" and the rollback in; starts the dead-man
#   apply TOKEN EPOCH BYTES STAGE    commands in, whole before the first one is run; stops at the first refusal. STAGE all, or begin, next and finish
#   confirm TOKEN EPOCH BYTES SETTLE receipt in; the dead-man decides, saves to the startup config and says so
#   rollback TOKEN EPOCH SETTLE      the dead-man restores now
#   status TOKEN SETTLE              what is known about a change
#   guard, run                       the dead-man and the applier themselves, detached from ssh
#
# A dead-man that died is started again by confirm and rollback. SETTLE: after a reboot, daemons younger than these seconds are waited for.
# Nothing is armed or applied while a file `hold` stands in the state folder or the device's folder in it.
# A platform that may share its machine with another one sets ROUTER.
# The device's folder holds lock, epoch, receipt.json, current and changes/TOKEN with state, boot-id, backup and rollback.
# Answers are lines that begin with @; blocks stand between "@begin NAME" and "@end NAME". No answer holds a secret but
# the backup that goes to the driver. Needs: flock, setsid, timeout, awk, sort, cmp, sha256sum.
#
# From the part of the platform (rc 0 when done):
#   save_running FILE   the running config, whole or not at all
#   qualify FILE        its items, a line each, sorted: equal for two prints of the same configuration
#   say_saved           "saved", or what the startup config holds
#   carry_out           runs $work/commands; stops at the first refusal and calls report_refusal INDEX with the words in $work/out
#   replay              takes back with $work/rollback
#   persist             saves to the startup config; its words say why not
#   still_runs          what carry_out left is still in effect, as far as a restart of a daemon would have ended it
#   has_settled SECONDS the youngest daemon is older
set -u
umask 077
LC_ALL=C
export LC_ALL

verb=${1:-} token=${2:-} epoch=${3:-0}
home=${PLUMB_STATE:-/var/lib/plumbline}/${ROUTER:-default}
work=$home/changes/$token

say() { printf '@%s\n' "$*"; }
# The empty line is for files whose last line has no end.
block() { say "begin $1"; cat "$2"; echo; say "end $1"; }
refuse() { say "refused $*"; exit 75; }
boot_id() { cat /proc/sys/kernel/random/boot_id; }
rebooted() { [ "$(boot_id)" != "$(cat "$work/boot-id")" ]; }
state() { cat "$work/state" 2>/dev/null || echo none; }
# A person at the router wants no changes: a file says so, for every instance or for this one. Ways back stay open.
heed_hold() {
  for file in "${home%/*}/hold" "$home/hold"; do
    [ ! -e "$file" ] || refuse Held "$(stat -c '%U %Y' "$file" 2>/dev/null) $(head -n 1 "$file" 2>/dev/null | tr -d '[:cntrl:]' | cut -c 1-300)"
  done
}
pause() { sleep 0.2 2>/dev/null || sleep 1; }

# Hundredths of a second on a clock that nobody can set. Sets $now.
look_at_clock() {
  read -r now _ < /proc/uptime
  now=${now%.*}${now#*.}
  now=${now#"${now%%[!0]*}"}
  now=${now:-0}
}

# Writes a file whole or not at all, also when the power goes. A full disk gives back the space kept in reserve.
put_file() {
  { cat > "$1.new" && { sync "$1.new" || sync; } && mv "$1.new" "$1"; } 2>/dev/null || { rm -f "$1.new"; false; }
}

put() {
  printf '%s\n' "$1" | put_file "$work/state" || { rm -f "$work/reserve"; printf '%s\n' "$1" | put_file "$work/state"; }
  publish
}

# The state again, for who reads without rights to the folder of the change.
publish() { printf '%s %s %s\n' "$token" "$(state)" "$(cat "$work/holder")" | put_file "$home/current" && chmod 644 "$home/current"; }

is_current() { case $(cut -d ' ' -f 1 "$home/current" 2>/dev/null) in '' | "$token") true ;; *) false ;; esac; }

# A dead-man that died between the two writes of `put` left the older word: nobody could arm any more.
mend_current() { ! is_current || [ "$(cut -d ' ' -f 2 "$home/current" 2>/dev/null)" = "$(state)" ] || publish; }

# Short critical sections: who moves the state looks at it and writes it under this lock. Takes fd 6.
begin_decision() { exec 6> "$work/decide.lock"; flock 6; }
end_decision() { exec 6>&-; }

# Sets $rest to the number of lines that differ from the backup; they are kept in the change's folder.
compare_with_backup() {
  rest=unknown
  save_running "$work/after" || { echo '-the running config could not be read' > "$work/rest"; return; }
  qualify "$work/backup" > "$work/want"
  qualify "$work/after" > "$work/have"
  { comm -23 "$work/want" "$work/have" | sed 's/^/-/'; comm -13 "$work/want" "$work/have" | sed 's/^/+/'; } > "$work/rest"
  rest=$(wc -l < "$work/rest")
  rest=$((rest))
  rm -f "$work/want" "$work/have" "$work/after"
}

# What runs now, in a few bytes, and never the lines themselves. Nothing when it cannot be read.
print_running() { save_running "$work/after" && qualify "$work/after" | sha256sum; rm -f "$work/after"; }

runs_as_confirmed() { [ -s "$work/confirmed" ] && [ "$(print_running)" = "$(cat "$work/confirmed")" ]; }

# After a reboot what came up tells what became of a change. $1: seconds after which daemons hold their configuration.
# A confirmed change may be on its way in: until they have settled, a configuration that looks old says nothing.
settle_after_reboot() {
  was=$(state)
  rebooted && is_current || return 0
  case $was in persisted | restored | restore-failed | none) return 0 ;; esac
  ! guard_alive || return 0
  compare_with_backup
  now_is=$was
  case $was in
  confirmed | persist-failed)
    if runs_as_confirmed; then return 0; fi
    has_settled "$1" || refuse Settling
    if [ "$rest" = 0 ]; then now_is=restored; elif [ "$rest" != unknown ]; then now_is=restore-failed; fi ;;
  *) if [ "$rest" = 0 ]; then now_is=restored; elif [ "$rest" != unknown ] && has_settled "$1"; then now_is=restore-failed; fi ;;
  esac
  [ "$now_is" != "$was" ] || refuse Settling
  begin_decision
  if [ "$(state)" = "$was" ] && ! guard_alive; then put "$now_is"; fi
  end_decision
}

# Armed, nothing sent, and nobody guards it any more: it is as if it had never been.
forget_armed() {
  [ "$(state)" = armed ] && ! guard_alive || return 0
  begin_decision
  if [ "$(state)" = armed ] && ! guard_alive; then put restored; rm -f "$work/rollback" "$work/reserve"; fi
  end_decision
}

report_refusal() { printf '%s\n' "$1" | put_file "$work/rejected"; cat "$work/out" | put_file "$work/words"; }

# Sets $seen. A file that a power loss left empty counts as the epoch of the last receipt.
look_at_epoch() {
  seen=$(cat "$home/epoch" 2>/dev/null)
  case $seen in '' | *[!0-9]*) seen=$(sed -n 's/.*"epoch":\([0-9][0-9]*\)}.*/\1/p' "$home/receipt.json" 2>/dev/null) ;; esac
  seen=${seen:-0}
}

# The first answer to an unfinished change: who is older than what was seen here may not touch it. Takes fd 8.
take_epoch() {
  exec 8> "$home/epoch.lock"
  flock -w 10 8 || refuse Locked epoch.lock
  look_at_epoch
  [ "$epoch" -ge "$seen" ] || refuse StaleEpoch "$seen"
  [ "$epoch" = "$(cat "$home/epoch" 2>/dev/null)" ] || { printf '%s\n' "$epoch" | put_file "$home/epoch" && chmod 644 "$home/epoch"; } || refuse TargetDisk epoch
}

# Nothing more will come of a change in one of these states.
is_finished() { case $1 in persisted | persist-failed | restored | restore-failed | none) true ;; *) false ;; esac; }

# True when the dead-man of this change holds the lock.
guard_alive() {
  flock -n "$home/lock" true && return 1
  [ "$(cat "$home/locked-by" 2>/dev/null)" = "$token" ]
}

start_guard() {
  rm -f "$work/guard.pid"
  setsid sh "$0" guard "$token" "$epoch" </dev/null >/dev/null 2>&1 8>&- &
  tries=0
  until [ -s "$work/guard.pid" ] || [ "$tries" -ge 50 ]; do tries=$((tries + 1)); sleep 0.1 2>/dev/null || sleep 1; done
  [ -s "$work/guard.pid" ]
}

# Takes fd 9; the dead-man inherits it, so the lock lives exactly as long as the change is unconfirmed.
take_lock() {
  exec 9>> "$home/lock"
  flock -w 1 9 || return 1 # not -n: a look by guard_alive holds it for a moment
  printf '%s\n' "$token" | put_file "$home/locked-by" || refuse TargetDisk "$home/locked-by"
}

case $token in '' | .* | *[!A-Za-z0-9._-]*) refuse BadToken ;; esac
case $epoch in '' | *[!0-9]*) refuse BadEpoch ;; esac
mkdir -p "$home/changes" 2>/dev/null || refuse TargetDisk "$home"
chmod 711 "${home%/*}" "$home" 2>/dev/null

case $verb in
arm)
  seconds=$4 holder=$5
  heed_hold
  take_lock || refuse Locked "$(cat "$home/current" 2>/dev/null)"
  take_epoch
  last=$(cut -d ' ' -f 1 "$home/current" 2>/dev/null)
  if [ -n "$last" ] && [ "$last" != "$token" ]; then
    is_finished "$(cat "$home/changes/$last/state" 2>/dev/null || echo none)" || refuse Unfinished "$(cat "$home/current")"
  fi
  mkdir "$work" 2>/dev/null || { [ -d "$work" ] && refuse TokenUsed; refuse TargetDisk "$work"; }
  give_up() { rm -rf "$work"; refuse "$@"; }
  trap 'give_up Abandoned' TERM HUP INT PIPE
  printf '%s\n' "$holder" | put_file "$work/holder" && boot_id | put_file "$work/boot-id" || give_up TargetDisk "$work"
  save_running "$work/backup" || give_up TargetDisk "backup of the running config"
  head -c 65536 /dev/zero > "$work/reserve" 2>/dev/null
  [ "$(wc -c < "$work/reserve")" -eq 65536 ] || give_up TargetDisk "$work"
  say "ready $(boot_id)"
  block backup "$work/backup"
  say_saved
  say 'your turn'
  # A driver that froze here must not keep the lock for ever.
  (exec 8>&- 9>&-; sleep 60; kill "$$") >/dev/null 2>&1 &
  watchdog=$!
  read -r go bytes || go=stop
  [ "$go" = go ] || { kill "$watchdog"; give_up Abandoned; }
  head -c "$bytes" > "$work/rollback"
  kill "$watchdog" 2>/dev/null
  [ "$(wc -c < "$work/rollback")" -eq "$bytes" ] || give_up TargetDisk "$work/rollback"
  look_at_clock
  printf '%s\n' "$((now + seconds * 100))" | put_file "$work/deadline" || give_up TargetDisk "$work/deadline"
  put armed
  [ "$(state)" = armed ] || give_up TargetDisk "$work/state"
  trap '' TERM HUP INT PIPE
  start_guard || give_up GuardDied
  say armed
  ;;

guard)
  trap '' HUP INT TERM PIPE
  # Started by arm: fd 9 is inherited. Started again for a change whose dead-man is gone: take the lock anew.
  { true >&9; } 2>/dev/null || take_lock || exit 75
  echo "$$" > "$work/guard.pid"
  case $(state) in armed | applying | applied | rejected)
    deadline=$(cat "$work/deadline")
    while look_at_clock; [ "$now" -lt "$deadline" ]; do
      [ -e "$work/confirm" ] && break
      [ -e "$work/cancel" ] && break
      pause
    done
    # The one moment of decision: what was not asked for before this line is too late.
    begin_decision
    if [ -e "$work/confirm" ] && [ "$(state)" = applied ]; then put confirmed; elif [ "$(state)" = armed ]; then put restored; else put restoring; fi
    end_decision ;;
  esac
  case $(state) in
  confirmed | persist-failed)
    if persist > "$work/words" 2>&1 && put_file "$home/receipt.json" < "$work/receipt" && chmod 644 "$home/receipt.json"; then put persisted; else put persist-failed; fi
    rm -f "$work/after" "$work/have"
    ;;
  restoring | restore-failed)
    put restoring
    exec 7> "$work/applier.lock"
    killed=no
    # What carries the commands holds the lock too: while it lives, what it was given may still arrive after our last look.
    flock -w 20 7 || { killed=yes; kill -9 "-$(cat "$work/applier")"; flock -w 130 7 || killed=in-vain; } 2>/dev/null
    rest=unknown
    for round in 1 2 3; do
      [ "$round" = 1 ] || sleep 2
      [ "$rest" = 0 ] || replay
      compare_with_backup
      [ "$rest" != 0 ] || [ "$killed" = yes ] || break
      [ "$killed" != yes ] || killed=no # a daemon that hung may still have a line of the killed one before it: look once more
    done
    if [ "$killed" = in-vain ]; then echo '-the commands of the change could not be stopped' >> "$work/rest"; rest=unknown; fi
    if [ "$rest" = 0 ]; then put restored; else put restore-failed; fi
    ;;
  esac
  rm -f "$work/commands" "$work/section" "$work/out" "$work/err" "$work/left" "$work/reserve"
  case $(state) in persisted | restored) rm -f "$work/rollback" "$work/rest" ;; esac
  # What is older than the last five changes is of no use to anybody.
  ls -1t "$home/changes" | tail -n +6 | while IFS= read -r old; do rm -rf "$home/changes/$old"; done
  ;;

apply)
  bytes=$4 stage=${5:-all}
  [ -d "$work" ] || refuse NoSuchChange
  take_epoch
  # A later part goes on from what was left by the one before. The last one ends what neither a hold nor somebody's line may leave half done.
  case $stage in next) from=applied as=$work/left ;; finish) from=applied as=$work/before ;; *) from=armed as=$work/backup ;; esac
  [ "$(state)" = "$from" ] || refuse NotArmed "$(state)"
  [ "$stage" = finish ] || heed_hold
  guard_alive || refuse GuardDied
  head -c "$bytes" > "$work/commands"
  [ "$(wc -c < "$work/commands")" -eq "$bytes" ] || { rm -f "$work/commands"; refuse TargetDisk "$work/commands"; }
  save_running "$work/before" && cmp -s "$work/before" "$as" || { rm -f "$work/before" "$work/commands"; refuse ConcurrentChange; }
  rm -f "$work/before"
  begin_decision
  [ "$(state)" != "$from" ] || put applying
  end_decision
  [ "$(state)" = applying ] || refuse NotArmed "$(state)"
  setsid sh "$0" run "$token" "$epoch" "$stage" </dev/null >/dev/null 2>&1 8>&- &
  exec 8>&-
  wait "$!"
  case $(state) in
  applied) say applied ;;
  rejected) say "rejected $(cat "$work/rejected")"; block words "$work/words" ;;
  *) say "interrupted $(state)" ;;
  esac
  ;;

run)
  trap '' HUP INT TERM PIPE
  echo "$$" > "$work/applier"
  exec 7> "$work/applier.lock"
  flock 7
  if carry_out; then ended=applied; else ended=rejected; fi
  [ "$4" != begin ] || save_running "$work/left"
  rm -f "$work/commands" "$work/section" "$work/out" "$work/err" "$work/raw"
  begin_decision
  [ "$(state)" != applying ] || put "$ended"
  ;;

confirm)
  bytes=$4
  [ -d "$work" ] || refuse NoSuchChange
  take_epoch
  settle_after_reboot "${5:-30}"
  case $(state) in
  applied)
    if ! still_runs; then : > "$work/cancel"; guard_alive || start_guard || refuse GuardDied; fi
    head -c "$bytes" | put_file "$work/receipt" || refuse TargetDisk "$work/receipt"
    [ "$(wc -c < "$work/receipt")" -eq "$bytes" ] || refuse TargetDisk "$work/receipt"
    print_running | put_file "$work/confirmed" && [ -s "$work/confirmed" ] || refuse TargetDisk "$work/confirmed"
    [ -e "$work/cancel" ] || : > "$work/confirm" || refuse TargetDisk "$work/confirm"
    guard_alive || start_guard || refuse GuardDied
    ;;
  confirmed | persist-failed) guard_alive || start_guard ;; # decided, and not yet saved
  esac
  exec 8>&-
  tries=0
  while :; do
    case $(state) in persisted | restored | restore-failed | restoring | armed | applying | rejected) break ;; esac
    guard_alive || break
    [ "$tries" -lt 300 ] || break
    tries=$((tries + 1))
    pause
  done
  say "state $(state)"
  case $(state) in persist-failed) block words "$work/words" ;; esac
  ;;

rollback)
  take_epoch # also for a change that is not known here: who froze before it armed must not arm when it wakes
  [ -d "$work" ] || refuse NoSuchChange
  settle_after_reboot "${4:-30}"
  case $(state) in
  armed | applying | applied | rejected | restoring | restore-failed)
    : > "$work/cancel" || { rm -f "$work/reserve"; : > "$work/cancel"; }
    guard_alive || start_guard || refuse GuardDied
    ;;
  confirmed) guard_alive || start_guard || refuse GuardDied ;; # decided: it is saved, and says so
  *) guard_alive || mend_current ;;
  esac
  exec 8>&-
  tries=0
  while :; do
    case $(state) in restored | restore-failed | persisted | persist-failed) break ;; esac
    guard_alive || break
    [ "$tries" -lt 900 ] || break
    tries=$((tries + 1))
    pause
  done
  # The dead-man cleans up after its last word; whoever comes next must find the lock free.
  tries=0
  while guard_alive && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); pause; done
  say "state $(state)"
  ! rebooted || say rebooted
  case $(state) in restore-failed) block rest "$work/rest" ;; esac
  ;;

status)
  look_at_epoch
  say "epoch $seen"
  if [ "$(state)" = none ]; then
    say 'state none'
    # Somebody cleaned up here: what the observer reads would be called unfinished for ever.
    [ "$(cut -d ' ' -f 1 "$home/current" 2>/dev/null)" != "$token" ] || guard_alive || rm -f "$home/current"
    exit 0
  fi
  settle_after_reboot "${3:-30}"
  forget_armed
  say "holder $(cat "$work/holder")"
  if guard_alive; then
    say guard-alive
    look_at_clock
    say "remaining $(($(cat "$work/deadline") - now))"
  else
    ! rebooted || say rebooted
    mend_current
  fi
  was=$(state)
  say "state $was"
  case $was in
  rejected) say "rejected $(cat "$work/rejected")"; block words "$work/words" ;;
  restore-failed) [ ! -e "$work/rest" ] || say "rest $(($(wc -l < "$work/rest")))" ;;
  esac
  ;;

*) refuse BadVerb ;;
esac
