#!/usr/bin/env bash
# make torture: everything that machines do to a trail, at its whole length: kills, power cuts, failing system calls, full,
# hanging and failing disks, harmed files, changed proofs. About half an hour on two cores. It says what was skipped and
# why: power cuts and disks need root, failing system calls need strace.
source "$(dirname "$0")/steps.sh"

strace_is_there() {
  command -v strace >/dev/null && return
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo "strace is missing, so no system call will fail: install it as root"
    return
  fi
  apt-get -o DPkg::Lock::Timeout=600 update -qq
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends strace
}

# One after the other: a part that measures time must not wait for another one's disk.
tortured() {
  PORTAL_TORTURE=full go test -json -count=1 -p 1 -timeout 90m -run "$1" "${@:2}" | tee >(grep -o '"Output":" *torture_[^"]*' | sed 's/"Output":" */  /;s/\\n$//' >&2) |
    go run ./scripts/testsum
}

step "strace" strace_is_there
step "changed bits of proofs, forged bundles, tampered files" tortured 'ChangedBit|Forged|Tampered|EveryBit' ./internal/audit
step "a day that leaves exactly its records" tortured 'ExactlyTheseRecords' ./cmd/portal
step "300 kills under load" tortured 'LostWithAKilled' ./cmd/portal
step "50 power cuts, and a portal that must lose by them" tortured 'WithThePower|PowerCutIsSeen' ./cmd/portal
step "each system call of an append" tortured 'EverySystemCall' ./cmd/portal
step "disks that are full, hang or fail" tortured 'FullDisk|DiskThat' ./cmd/portal
step "files that are removed, renamed, replaced, made read-only" tortured 'TrailIsHarmed|LogThatIsRemoved' ./cmd/portal
finish "make torture"
