#!/bin/sh
# The part of FRR of the guard: see drivers/guard/guard.sh, which follows it.
startup=/etc/frr/${ROUTER:+$ROUTER/}frr.conf

# Without --foreground GNU timeout leaves the process group, and vtysh with it: a kill of the applier's group would miss them.
if timeout --foreground 1 true 2>/dev/null; then limit='timeout --foreground 120'; else limit='timeout 120'; fi
vty() { $limit vtysh -H /dev/null ${ROUTER:+-N "$ROUTER"} "$@"; }

# Running config, whole: FRR ends it with "end" and an empty line; a full disk or a dead vtysh does not.
save_running() {
  vty -c 'show running-config no-header' > "$1" 2>/dev/null 9>&- && [ "$(grep -v '^$' "$1" | tail -n 1)" = end ]
}

# One line per item with the section it stands in, sorted: FRR prints some objects in the order of their creation.
qualify() {
  awk '/^ *(!.*)?$/ || /^end$/ || /^frr version / || /^ *exit(-[a-z-]+)?$/ { next }
    { match($0, /^ */); depth = RLENGTH; line = substr($0, depth + 1); section[depth] = line; path = ""
      for (i = 0; i < depth; i++) if (i in section) path = path section[i] " > "
      for (i in section) if (i + 0 > depth) delete section[i]
      print path line }' "$1" | sort
}

say_saved() {
  if qualify "$startup" 2>/dev/null > "$work/saved" && qualify "$work/backup" | cmp -s - "$work/saved"; then
    say saved
  elif [ -r "$startup" ]; then
    block startup "$startup"
  else
    say unreadable-startup
  fi
  rm -f "$work/saved"
}

carry_out() { how=stop; run_batches "$work/commands" stop; }
replay() { how=skip; run_batches "$work/rollback" skip; }

# vtysh leaves the file to the group of the one who wrote it; the observer reads it through the group of the folder.
persist() {
  vty -c write 2>&1 9>&- && chgrp "$(ls -ldn "${startup%/*}" | awk '{ print $4 }')" "$startup" && save_running "$work/after" && qualify "$work/after" > "$work/have" && qualify "$startup" 2>/dev/null | cmp -s - "$work/have"
}

# A daemon of FRR that restarted is seen by what it lacks.
still_runs() { true; }

# A daemon reads its configuration after it started: true when the youngest is older than $1 seconds.
has_settled() {
  [ "$1" -gt 0 ] || return 0
  least=$1 ticks=$(getconf CLK_TCK 2>/dev/null || echo 100)
  look_at_clock
  for file in "/run/frr/${ROUTER:+$ROUTER/}"*.pid; do
    [ -r "$file" ] || continue
    stat=$(cat "/proc/$(cat "$file")/stat" 2>/dev/null) || return 1
    set -- ${stat##*) }
    [ "$((now / 100 - ${20} / ticks))" -ge "$least" ] || return 1
  done
}

# Runs the batches of file $1. $2 is "stop" or "skip": what to do after a refused command.
#   B KIND INDEX   begin; plain: any number of lines; secret: one command
#   P LINE  C LINE   a line of the path, a command;   X   end
run_batches() {
  refused=0
  while IFS= read -r entry <&3; do
    case $entry in
      'B '*) entry=${entry#B }; kind=${entry% *} first=${entry#* } paths=0; set -- "$1" "$2"; : > "$work/section" ;;
      'P '*) paths=$((paths + 1)); set -- "$@" -c "${entry#P }"; [ "$kind" = plain ] || printf '%s\n' "${entry#P }" >> "$work/section" ;;
      'C '*) if [ "$kind" = plain ]; then set -- "$@" -c "${entry#C }"; else printf '%s\n' "${entry#C }" >> "$work/section"; fi ;;
      X)
        [ "$2" = skip ] || [ "$(state)" = applying ] || return 1
        how=$2
        file=$1
        shift 2
        if [ "$kind" = plain ]; then run_plain "$@"; else run_secret "$@"; fi || { [ "$how" = skip ] || return 1; }
        set -- "$file" "$how" ;;
    esac
  done 3< "$1"
  rm -f "$work/section"
}

# vtysh stops at the first refused line; -E shows how far it came. In skip mode what follows the refused line is sent again.
# Standard error stays apart until that is counted: a notice without a line end (PAM has one) would stick to an echoed prompt.
run_plain() {
  while ! vty -E -c 'configure terminal' "$@" > "$work/out" 2> "$work/err" 9>&-; do
    at=$(($(grep -c '^[^ #]*# ' "$work/out") - 2 - paths))
    cat "$work/err" >> "$work/out"
    if [ "$at" -lt 0 ]; then note_refusal "$first"; return 1; fi
    note_refusal "$((first + at))"
    [ "$how" = skip ] || return 1
    first=$((first + at + 1)) words=$# word=0
    while [ "$word" -lt "$words" ]; do
      if [ "$((word / 2))" -lt "$paths" ] || [ "$((word / 2))" -gt "$((paths + at))" ]; then set -- "$@" "$1"; fi
      shift
      word=$((word + 1))
    done
    [ "$#" -gt "$((2 * paths))" ] || return 1
  done
  lost_daemon "$work/err" || return 0
  cat "$work/err" >> "$work/out"
  note_refusal "$((first + $# / 2 - paths - 1))"
  return 1
}

# vtysh goes on with the daemons that are left when one dies under it, and its exit code is 0.
lost_daemon() { grep -q -e '^Warning: connecting to .*failed!' -e 'because of an I/O error!' "$1"; }

# A line with a secret: never in an argument list. vtysh -f goes on after a refused opener, so the opener is tried first.
run_secret() {
  if [ "$paths" -gt 0 ] && ! vty -c 'configure terminal' "$@" > "$work/out" 2>&1 9>&-; then note_refusal "$first"; return 1; fi
  vty -f "$work/section" > "$work/raw" 2>&1 9>&-
  rc=$?
  lost_daemon "$work/raw" && rc=1
  # The device repeats the line it refuses; only its fixed words may leave the file.
  sed -n -e 's/^vtysh_pam: [A-Za-z ]*: [A-Za-z ]*([0-9]*)//' -e '/^Warning: connecting to [a-z0-9]*\.\.\.[a-z]*!$/p' -e 's/^line [0-9]*: //' -e 's/[:[].*//' -e '/^%/p' -e '/^Failure/p' "$work/raw" > "$work/out"
  rm -f "$work/raw" "$work/section"
  [ "$rc" = 0 ] && return 0
  note_refusal "$first"
  return 1
}

note_refusal() {
  refused=$((refused + 1))
  [ "$how" = skip ] || report_refusal "$1"
}
