#!/usr/bin/env bash
# Includes between the rooms of src point only to the left; foreign libraries are seen only in the rooms that are theirs.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2016 # the dollars are awk's
find src apps include -name '*.[ch]' -print0 | xargs -0 awk '
BEGIN {
    sees["base"] = "base"
    sees["kernels"] = "base kernels"
    sees["graph"] = "base kernels graph"
    sees["ops"] = "base kernels graph ops"
    sees["rules"] = "base kernels graph ops rules"
    sees["run"] = "base kernels graph ops rules run"
    sees["explain"] = "base kernels graph ops rules run explain"
    sees["svm"] = "base kernels graph ops svm"
    sees["stack"] = "base kernels graph ops rules run explain svm onnx stack"
    sees["onnx"] = "base kernels graph ops svm onnx"
    sees["analysis"] = "base analysis"
    sees["io"] = "base io"
    sees["apps"] = "base io apps"
    # Of base, the commands and the analysis library may use what writes texts, numbers, sizes and sentences; nothing that a model is made of.
    doors = " base/text.h base/number.h base/size.h base/error.h "
    # A foreign header, and the only places that may see it.
    only["libsvm/svm.h"] = "^src/svm/libsvm\\.c$"
    only["svm.h"] = "^$"
    only["cblas.h"] = "^src/kernels/"
    only["immintrin.h"] = "^src/kernels/"
    only["jansson.h"] = "^src/(svm|io)/|^apps/"
    only["zlib.h"] = "^src/(svm|io)/"
    only["onnx.pb-c.h"] = "^src/onnx/"
    only["protobuf-c/protobuf-c.h"] = "^$"
    only["gsl/"] = "^src/analysis/"
    only["png.h"] = "^src/io/"
    only["jpeglib.h"] = "^src/io/image_jpeg\\.c$"
    only["jerror.h"] = "^src/io/image_jpeg\\.c$"
    only["pthread.h"] = "^apps/|^src/base/team\\.c$"
    only["locale.h"] = "^src/base/number\\.c$"
}
function complain(why) { printf "%s:%d: %s\n", FILENAME, FNR, why; bad = 1 }
# A body that is stamped (base/stamp.h) is named by a define and included through it.
/^[ \t]*#[ \t]*include OCELOT_BODY/ { next }
/^[ \t]*#[ \t]*(include|define OCELOT_BODY)/ {
    target = $0
    sub(/^[^<"]*[<"]/, "", target)
    sub(/[>"].*$/, "", target)
    split(FILENAME, part, "/")
    room = part[1] == "src" ? part[2] : part[1]
    split(target, piece, "/")
    if ($0 ~ /</) {
        if (target ~ /^gsl\//)
            target = "gsl/"
        if (target in only && FILENAME !~ only[target])
            complain("<" target "> may be included only where the path matches " only[target])
    } else if (piece[1] == "ocelot" && target !~ /\/.*\//) {
        next # a public header: everyone may
    } else if (room == "include") {
        complain("a public header includes \"" target "\", which is not public")
    } else if (target !~ /\//) {
        complain("\"" target "\" is named without its room")
    } else if (room == "apps" && !(piece[1] in sees)) {
        next # the commands among themselves
    } else if (!(room in sees)) {
        complain("the room " room " stands in no layer: add it to tests/shape/layers.sh")
    } else if (index(" " sees[room] " ", " " piece[1] " ") == 0) {
        complain(room " may not include " target "; it may include " sees[room])
    } else if ((room == "apps" || room == "analysis") && piece[1] == "base" && index(doors, " " target " ") == 0) {
        complain(room " may use of base only" doors "- not " target)
    }
}
END { if (bad) exit 1 }'
echo "layers: every include points to the left"
