#!/bin/sh
# Kills the commands that change keys at random moments, and looks after each whether one key of each
# use is active, with a secret that opens.
#
# Usage: keys-kill.sh ROUNDS SEED     in an empty folder that is HOME, the commands in PATH
set -eu
rounds=$1
seed=$2

kiana-node init >/dev/null 2>&1
keys=$HOME/.local/state/kiana/keys
waiting=$HOME/.local/share/kiana-guard/$(kiana-node id).recovery-code.UNCONFIRMED
cp "$waiting" code
kiana-keys recovery confirm -q --code-file code

random() {
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  r=$((seed / 65536 % $1))
}

kills=0
chance() {
  random "$milliseconds_max"
  status=0
  timeout -s KILL "0.$(printf '%03d' $((r + 1)))" "$@" >/dev/null 2>&1 || status=$?
  if [ $status = 137 ]; then kills=$((kills + 1)); fi
}

# Twice what a command takes here, so that about half of them are killed.
start=$(date +%s%N)
kiana-keys rotate --now >/dev/null
milliseconds_max=$((($(date +%s%N) - start) / 500000 + 10))
[ $milliseconds_max -lt 900 ] || milliseconds_max=900

round=0
while [ $round -lt "$rounds" ]; do
  round=$((round + 1))
  random 7
  case $r in
  0) chance kiana-keys rotate --now ;;
  1) chance kiana-keys rotate --use block ;;
  2) chance kiana-keys tick --clock-is-right ;;
  3)
    key=$(kiana-keys list | awk '$1 == "block" && $2 == "active" { print $5 }')
    chance kiana-keys revoke "$key" --reason lost
    ;;
  4) chance kiana-keys emergency --yes --keep-all --code-file code ;;
  5) chance kiana-keys passwd --to-credential ;;
  6)
    chance kiana-keys recovery renew --code-file code
    # Its code counts only when the rotation does.
    if [ -e "$waiting" ] && kiana-keys recovery check --code-file "$waiting" >/dev/null 2>&1; then
      cp "$waiting" code
      kiana-keys recovery confirm -q --code-file code
    fi
    ;;
  esac
  uses=$(kiana-keys list --json | jq -r 'select(.state == "active" and .secret_here) | .use' |
    sort | tr '\n' ' ')
  if [ "$uses" != 'backup block enc file log peer witness ' ]; then
    echo "after round $round these uses have a key with a secret: $uses"
    exit 1
  fi
  # The block key opens and signs.
  kiana-node put - </dev/null >/dev/null || { echo "nothing can be signed after round $round" && exit 1; }
  # The owner can still take the identity back.
  kiana-keys recovery check --code-file code >/dev/null || { echo "no code after round $round" && exit 1; }
  open=$(find "$keys"* -type f -perm /077)
  [ -z "$open" ] || { echo "others can read $open" && exit 1; }
done
# What dead commands left is cleared away by the next one that goes through.
kiana-keys rotate --use log --now >/dev/null
kiana-keys list --all --json | jq -r 'select(.secret_here) | .use + "-" + .key[:12]' >named
for file in "$keys"/*.key; do
  name=$(basename "$file" .key)
  case $name in control*) continue ;; esac
  grep -qxF -e "$name" named || { echo "$file belongs to no key" && exit 1; }
done
[ "$(find "$keys" -name 'control*' | wc -l)" = 1 ] || { echo 'several control keys' && exit 1; }
[ ! -e "$keys.next" ] || { echo "$keys.next is left" && exit 1; }
kiana-keys show --log | kiana-keys verify - >/dev/null
kiana-node verify --full
echo "$rounds rounds, $kills kills"
[ $kills -gt $((rounds / 10)) ] || { echo "too few were killed to mean anything" && exit 1; }
