#!/bin/sh
# Makes the tag that the chat asks for: a model of Ollama's library with a context of 8192 tokens. It is not in the
# library itself. Can be run again at any time; what is there is not downloaded or made again.
#
#   ./make-model.sh                          qwen2.5:14b-instruct-8k from qwen2.5:14b-instruct (9 GB)
#   ./make-model.sh qwen2.5:7b-instruct      qwen2.5:7b-instruct-8k, for 8 GB of memory (4.7 GB)
#   ./make-model.sh qwen2.5:3b-instruct      qwen2.5:3b-instruct-8k, for 4 GB (1.9 GB)
#
# OLLAMA_HOST says where Ollama is (default: this machine); OLLAMA_MODEL and OLLAMA_BASE_MODEL name the tag and what
# it is made from, where no argument does.
set -eu

here=$(dirname "$0")
if [ $# -gt 1 ]; then echo "Usage: $0 [base model]" >&2; exit 2; fi
if [ $# -eq 1 ]; then
  base=$1
  tag="$1-8k"
else
  tag=${OLLAMA_MODEL:-qwen2.5:14b-instruct-8k}
  base=${OLLAMA_BASE_MODEL:-${tag%-8k}}
fi
case $tag in *:*) ;; *) echo "$tag has no ':' in it: name a tag, such as qwen2.5:7b-instruct." >&2; exit 2 ;; esac
if [ "$tag" = "$base" ]; then
  echo "The tag $tag does not end in -8k, so what it is made from must be said: set OLLAMA_BASE_MODEL." >&2
  exit 2
fi
command -v ollama > /dev/null || { echo "The command ollama is not here: install Ollama, or use the profile ollama of docker-compose.yml." >&2; exit 1; }
ollama list > /dev/null || { echo "Ollama does not answer${OLLAMA_HOST:+ at $OLLAMA_HOST}: start it." >&2; exit 1; }

# The file that ships names the default base; only that line changes.
wanted=$(sed "s|^FROM .*|FROM $base|" "$here/Modelfile")
context=$(printf '%s\n' "$wanted" | sed -n 's/^PARAMETER num_ctx //p')
if ollama show "$tag" --parameters 2> /dev/null | grep -Eq "^num_ctx +$context\$"; then
  echo "$tag is there, with a context of $context tokens."
else
  if ! ollama show "$base" > /dev/null 2>&1; then
    echo "Downloading $base."
    ollama pull "$base"
  fi
  echo "Making $tag from $base."
  file=$(mktemp)
  trap 'rm -f "$file"' EXIT
  printf '%s\n' "$wanted" > "$file"
  ollama create "$tag" -f "$file"
fi
if [ "$tag" != qwen2.5:14b-instruct-8k ]; then
  echo "To use it: in config.yaml  model: ollama_chat/$tag"
  echo "           in the chat     OLLAMA_MODEL=$tag"
fi
