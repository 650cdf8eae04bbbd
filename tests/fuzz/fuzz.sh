#!/bin/sh
# fuzz.sh BUILD SECONDS TARGET... - libFuzzer on each target for so long, from its seeds and from what earlier runs have found
#
# What fails is left in BUILD/fuzz/found/; BUILD/test/fuzz/TARGET FILE shows it again. Ends with 1 when anything failed.
set -u
build=$1 seconds=$2 failed=
shift 2
for target in "$@"; do
    corpus=$build/fuzz/corpus/$target found=$build/fuzz/found log=$build/fuzz/$target.log
    mkdir -p "$corpus" "$found"
    "$build/test/fuzz/$target" --write "$corpus" || exit 1
    if "$build/fuzz/bin/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
        -artifact_prefix="$found/$target-" "$corpus" >"$log" 2>&1; then
        echo "ok $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, $(sed -n 's/^#.*DONE *cov: \([0-9]*\).*/\1/p' "$log") edges reached"
    else
        failed=1
        echo "not ok $target, see $log"
        grep -E 'must be|ERROR|runtime error|SUMMARY|Test unit written' "$log" | sed 's/^/# /'
    fi
done
[ -z "$failed" ]
