#!/usr/bin/env bash
# Makes an archive of the classes that jobs load: jobs in one JVM (local[N]) then start seconds sooner. A build calls it; an unpacked tar has none
# until it is called there, since an archive counts only for the folder, the jars and the Java that it was made with.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
build_if_missing
[[ -z $installed ]] || fail "$installed is an installed Spark: an archive is made for the embedded one."
# Beside the archive, so that it appears at once: a part of one would crash who starts with it.
folder=$(mktemp -d "$embedded_spark/classes-XXXXXXXX")
trap 'rm -rf -- "$folder"' EXIT
rm -f -- "$shared_classes"
SPARK_CONF_DIR='' REALNVP_SHARED_CLASSES=$folder/classes.jsa "$realnvp_home/submit/pipeline.sh" --master 'local[2]' \
  --input "$realnvp_home/examples/orders.csv" --features-cols '*' --set score.explain=1 --set flow.epochs=1 \
  --run "$folder/run" > "$folder/log"
mv -- "$folder/classes.jsa" "$shared_classes"
