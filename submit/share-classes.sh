#!/usr/bin/env bash
# Makes an archive of the classes that jobs load, which takes a minute: jobs in one JVM (local[N]) then start seconds sooner.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
build_if_missing
[[ -z $installed ]] || fail "$installed is an installed Spark: an archive is made for the embedded one."
# Beside the archive, so that it appears at once: a part of one would crash who starts with it.
folder=$(mktemp -d "$embedded_spark/classes-XXXXXXXX")
trap 'rm -rf -- "$folder"' EXIT
"$realnvp_home/submit/bench-table.sh" --master 'local[2]' --rows 500 --features 4 --output "$folder/table" > "$folder/log"
rm -f -- "$shared_classes"
REALNVP_SHARED_CLASSES=$folder/classes.jsa "$realnvp_home/submit/pipeline.sh" --master 'local[2]' \
  --input "$folder/table" --features-col vector --set flow.epochs=1 --run "$folder/run" > "$folder/log"
mv -- "$folder/classes.jsa" "$shared_classes"
