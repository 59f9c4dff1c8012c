#!/bin/sh
# Makes .env from .env.example if it is not there, and fills in a strong LITELLM_MASTER_KEY if it has none.
# With --print it only prints a new key. Prints no key otherwise.
set -eu

new_key() {
  # 32 bytes of the system's randomness. LiteLLM takes only keys that begin with sk-.
  hex=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
  [ "${#hex}" -eq 64 ] || { echo "No randomness from /dev/urandom." >&2; exit 1; }
  printf 'sk-%s\n' "$hex"
}

case "${1:-}" in
  '') ;;
  --print) new_key; exit 0 ;;
  *) echo "Usage: $0 [--print]" >&2; exit 2 ;;
esac

cd "$(dirname "$0")"
# Nobody else on this machine may read it.
umask 077
[ -f .env ] || cp .env.example .env
chmod 600 .env
if grep -Eq '^LITELLM_MASTER_KEY=.+' .env; then
  echo ".env has a key already; nothing was changed. For a new one empty the line, run this again, and give the new key to the chat."
  exit 0
fi
key=$(new_key)
grep -v '^LITELLM_MASTER_KEY=' .env > .env.new || true
printf 'LITELLM_MASTER_KEY=%s\n' "$key" >> .env.new
mv .env.new .env
echo "A new key is in .env. The chat needs the same one as LITELLM_MASTER_KEY:"
echo "  grep '^LITELLM_MASTER_KEY=' litellm/.env"
