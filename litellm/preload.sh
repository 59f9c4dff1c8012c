#!/bin/sh
# Loads the home model, so that the first question of the day need not wait for it: Cloudflare gives up on an answer
# that has not begun after about 100 s. With --stay it looks again every minute and loads it when it is gone.
#
#   ./preload.sh [--stay] [tag]
set -eu

stay=
if [ "${1:-}" = --stay ]; then stay=1; shift; fi
tag=${1:-${OLLAMA_MODEL:-qwen2.5:14b-instruct-8k}}
keep=${OLLAMA_KEEP_ALIVE:-24h}

is_loaded() { ollama ps | awk -v tag="$tag" 'NR > 1 && $1 == tag { found = 1 } END { exit !found }'; }

load() {
  echo "Loading $tag; it stays loaded for $keep after its last answer."
  # An empty prompt loads the model and asks it nothing.
  ollama run --keepalive "$keep" "$tag" '' > /dev/null < /dev/null && echo "$tag is loaded."
}

if [ -z "$stay" ]; then
  is_loaded || load
  exit
fi
# A container's first process gets no signal that it does not ask for.
trap 'exit 0' INT TERM
while :; do
  is_loaded || load || echo "Loading failed; trying again in a minute." >&2
  sleep 60 &
  wait $!
done
