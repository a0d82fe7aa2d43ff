#!/usr/bin/env bash
# Runs the README's commands on a machine that has nothing: a minimal Debian 12 with Node, npm and git, in namespaces of its
# own. As root, as an ordinary user without sudo, and from the package. Run it before a release, as root on Debian:
#   scripts/fresh-machine.sh [--node 18|20|22] [--time 60s] [--tests] [root|user|package]...
# --tests runs `npm test` there, too. Exit 0: every step did what the README says. 1: one did not. 2: it could not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

declare -A npm_of_node=([18]=9 [20]=10 [22]=11)
node=20 hunt_time=60s with_tests=no
failed=0
running=''
results=()

main() {
  read_options "$@"
  [ "$(id -u)" -eq 0 ] || give_up 'run it as root: it makes a Debian root and mounts in it'
  need_mmdebstrap
  work=$(mktemp -d "${TMPDIR:-/tmp}/fresh-machine.XXXXXX")
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  make_base
  for part in "${parts[@]}"; do "as_$part"; done
  say 'results'
  printf '%s\n' "${results[@]}"
  exit "$failed"
}

read_options() {
  parts=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --node) node=${2:-}; shift ;;
      --time) hunt_time=${2:-}; shift ;;
      --tests) with_tests=yes ;;
      root | user | package) parts+=("$1") ;;
      *) give_up "what is \"$1\"? See the head of this file" ;;
    esac
    shift
  done
  [ -n "${npm_of_node[$node]:-}" ] || give_up "--node is one of ${!npm_of_node[*]}"
  [[ $hunt_time =~ ^[0-9]+s$ ]] || give_up '--time is a number of seconds, like 60s'
  [ ${#parts[@]} -gt 0 ] || parts=(root user package)
}

say() { printf '\n===== %s\n' "$*"; }
give_up() { printf 'fresh-machine: %s\n' "$*" >&2; exit 2; }

need_mmdebstrap() {
  command -v mmdebstrap >/dev/null && return
  command -v apt-get >/dev/null || give_up 'needs mmdebstrap, which comes with Debian'
  echo 'fresh-machine: mmdebstrap is missing; running: apt-get update && apt-get install -y --no-install-recommends mmdebstrap'
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends mmdebstrap; } >/dev/null || give_up 'that failed'
}

# Runs it in a process group of its own, so that Ctrl-C ends this script first, which then ends that.
attended() {
  set -m
  "$@" &
  running=$!
  set +m
  local code=0
  wait "$running" || code=$?
  running=''
  return "$code"
}

# Nothing is mounted outside the namespaces, and those end with the process that `unshare` is.
clean_up() {
  if [ -n "$running" ] && kill -s KILL -- "-$running" 2>/dev/null; then
    wait "$running" 2>/dev/null || true
    sleep 1
  fi
  rm -rf --one-file-system "$work"
}

# The root that every part starts from. Its apt and npm have the sources, proxies and certificates of this machine's.
make_base() {
  say "a minimal Debian 12 with Node $node and npm ${npm_of_node[$node]}"
  local sources=() at
  for at in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
    if grep -qs bookworm "$at"; then sources+=("$at"); fi
  done
  apt-config dump Acquire >"$work/apt.conf"
  attended unshare --mount --pid --fork --kill-child --propagation private --mount-proc \
    mmdebstrap --quiet --mode=root --variant=minbase --include=ca-certificates,git --aptopt="$work/apt.conf" \
    bookworm "$work/base" "${sources[@]}"
  for at in /etc/hosts /etc/resolv.conf /etc/ssl/certs/ca-certificates.crt; do cp -L "$at" "$work/base$at"; done
  export -p | grep -iE ' (https?|no)_proxy=' >"$work/base/etc/profile.d/proxy.sh" || true
  attended npm install --global --prefix "$work/node" --no-audit --no-fund --loglevel=error \
    "node-linux-$(npm_arch)@$node" "npm@${npm_of_node[$node]}"
  cp -a "$work/node/." "$work/base/usr/local/"
  mv "$work/base/usr/local/lib/node_modules/node-linux-$(npm_arch)/bin/node" "$work/base/usr/local/bin/node"
  copy_npm_settings
  git bundle create --quiet "$work/base/srv/mirrorfuzz.bundle" HEAD
  chroot "$work/base" useradd --create-home --shell /bin/bash hunter
}

copy_npm_settings() {
  local key value
  mkdir -p "$work/base/usr/local/etc"
  for key in registry proxy https-proxy noproxy cafile; do
    value=$(npm config get "$key")
    case "$value" in '' | null | undefined) continue ;; esac
    if [ "$key" = cafile ]; then
      cp -L "$value" "$work/base/etc/ssl/npm-cafile.crt"
      value=/etc/ssl/npm-cafile.crt
    fi
    echo "$key=$value" >>"$work/base/usr/local/etc/npmrc"
  done
}

npm_arch() { case "$(uname -m)" in aarch64) echo arm64 ;; *) echo x64 ;; esac; }

as_root() {
  say 'as root'
  fresh_root
  step root 'git clone' 0 root 'git -c advice.detachedHead=false clone --quiet /srv/mirrorfuzz.bundle mirrorfuzz'
  hunt_of_readme root
  step root 'doctor says that QEMU is confined' 0 root 'cd mirrorfuzz && npx mirrorfuzz doctor' 'confinement +bubblewrap works'
  tests_of_readme root
}

# What needs root's rights is printed, as a user without sudo needs it; root runs that, and the user starts again.
as_user() {
  say 'as an ordinary user without sudo'
  fresh_root
  step user 'git clone' 0 hunter 'git -c advice.detachedHead=false clone --quiet /srv/mirrorfuzz.bundle mirrorfuzz'
  step user 'bootstrap prints what root must run' 2 hunter 'cd mirrorfuzz && ./bootstrap' 'run this, then ./bootstrap again: '
  local command
  command=$(sed -n "s/.*run this, then .\/bootstrap again:  sudo sh -c '\(.*\)'$/\1/p" "$work/output")
  step user 'root runs it' 0 root "${command:-false}"
  hunt_of_readme hunter
  step user 'doctor says that QEMU is confined' 0 hunter 'cd mirrorfuzz && npx mirrorfuzz doctor' 'confinement +bubblewrap works'
  tests_of_readme hunter
}

# The tarball in an empty directory; doctor names the command that installs QEMU.
as_package() {
  say 'from the package, as an ordinary user'
  fresh_root
  step package 'npm pack' 0 hunter 'git -c advice.detachedHead=false clone --quiet /srv/mirrorfuzz.bundle clone && cd clone &&
    npm ci --no-audit --no-fund --loglevel=error && npm pack --silent --pack-destination .. && rm -rf ../clone'
  step package 'npm install, without a warning' 0 hunter 'mkdir empty && cd empty && npm install --no-audit --no-fund ../mirrorfuzz-*.tgz 2>&1' \
    'added [0-9]+ packages' 'EBADENGINE|deprecated'
  step package 'doctor without QEMU says how to install it' 3 hunter 'cd empty && npx mirrorfuzz doctor' 'apt-get install .*qemu-system-x86'
  step package 'root installs QEMU and bubblewrap' 0 root "apt-get update -qq &&
    apt-get install -y -qq --no-install-recommends qemu-system-x86 qemu-utils qemu-block-extra bubblewrap >/dev/null"
  step package 'doctor' 0 hunter 'cd empty && npx mirrorfuzz doctor' 'confinement +bubblewrap works'
  step package 'rules' 0 hunter 'cd empty && npx mirrorfuzz rules | tail -n 3'
  step package 'run' 0 hunter 'cd empty && npx mirrorfuzz run node_modules/mirrorfuzz/corpus/test-plan | tail -n 3' '[1-9][0-9]* passed, 0 failed'
  step package 'scenario' 0 hunter 'cd empty && npx mirrorfuzz scenario run "cancel-*" | tail -n 8'
  timed_step package hunt hunter "cd empty && npx mirrorfuzz hunt --time $hunt_time"
  step package 'findings' 0 hunter 'cd empty && npx mirrorfuzz findings list'
}

hunt_of_readme() { # USER
  timed_step "${1/hunter/user}" "the README's hunt" "$1" "cd mirrorfuzz && ./bootstrap && npx mirrorfuzz hunt --time $hunt_time"
}

tests_of_readme() { # USER
  [ "$with_tests" = yes ] || return 0
  step "${1/hunter/user}" "the README's tests" 0 "$1" 'cd mirrorfuzz && ./bootstrap && npm test'
}

fresh_root() {
  rm -rf --one-file-system "$work/root"
  cp -a --reflink=auto "$work/base" "$work/root"
}

# A hunt lasts its time, by its own words, and finds something (1) or nothing (0).
timed_step() { # PART NAME USER COMMAND
  local lasted
  step "$1" "$2" '0|1' "$3" "$4"
  lasted=$(sed -nE 's/^hunted for 0*([0-9]+):0?([0-9]+) .*/\1*60+\2/p' "$work/output")
  if [ $((lasted)) -lt "${hunt_time%s}" ]; then record "$1" FAIL "$2 ended after $((lasted)) s of $hunt_time"; fi
}

# Passes where the exit code is a wanted one, and the output holds the one pattern and not the other.
step() { # PART NAME WANTED-EXIT-CODES USER COMMAND [PATTERN [UNWANTED]]
  local since=$SECONDS code=0 verdict=pass why=''
  printf '\n%s$ %s\n' "$4" "$5"
  attended inside "$4" "$5" > >(exec tee "$work/output") 2>&1 || code=$?
  wait # for tee
  printf '(exit code %s)\n' "$code"
  if ! [[ $code =~ ^($3)$ ]]; then verdict=FAIL why="exit code $code, not $3"
  elif [ -n "${6:-}" ] && ! grep -qE "$6" "$work/output"; then verdict=FAIL why="it does not say \"$6\""
  elif [ -n "${7:-}" ] && grep -qE "$7" "$work/output"; then verdict=FAIL why="it says \"$7\""
  fi
  record "$1" "$verdict" "$2: exit code $code, $((SECONDS - since)) s${why:+; $why}"
}

record() { # PART VERDICT TEXT
  results+=("$(printf '%-4s  %-8s %s' "$2" "$1" "$3")")
  if [ "$2" = FAIL ]; then failed=1; fi
}

# Runs a command in the root as a login of that user. The root is pivoted to, not chrooted: the kernel gives no user
# namespaces to a chroot, and bubblewrap needs them. /dev/shm is its own: hunts outside must not take part.
inside() { # USER COMMAND
  # shellcheck disable=SC2016
  exec unshare --mount --pid --ipc --uts --fork --kill-child --propagation private bash -euc '
    root=$1 user=$2 command=$3
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    hostname fresh-machine
    mkdir -p "$root/old"
    cd "$root"
    pivot_root . old
    exec chroot . /bin/bash -euc '\''
      cd /
      umount --lazy /old
      rmdir /old
      exec runuser --login "$1" --command "set -o pipefail; $2"
    '\'' inside "$user" "$command"
  ' inside "$work/root" "$1" "$2" </dev/null
}

main "$@"
