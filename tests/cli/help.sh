#!/usr/bin/env bash
# What the command line says of itself: help, version, suggestions, man pages, completion.
. "$(dirname "$0")/harness.sh"

run 2 "$OCELOT"
has err "Usage: ocelot COMMAND"
run 0 "$OCELOT" --help
for command in train score explain evaluate inspect convert methods; do
    has out "  $command"
done
lacks out "completion "
run 0 "$OCELOT" --version
[ "$(head -n 1 out)" = "ocelot $(sed -n 's/.*VERSION_TEXT "\(.*\)".*/\1/p' "$OCELOT_DATA/../include/ocelot/version.h")" ] || fail "wrong version"
[ "$(sed -n 2p out | grep -c "^float32 convolutions by \(oneDNN [0-9.]*\|OpenBLAS\)$")" -eq 1 ] || fail "no word on what convolves"

for command in train score explain evaluate inspect convert methods; do
    run 0 "$OCELOT" "$command" --help
    cp out long
    has out "Usage: ocelot $command"
    has out "Examples:"
    [ "$(grep -c "^  ocelot $command\|| ocelot $command" out)" -ge 1 ] || fail "help of $command has no example"
    [ ! -s err ] || fail "help of $command writes to standard error"
    grep -v '^  ocelot ' out | awk 'length > 104 { exit 1 }' || fail "help of $command has a line above 104 characters"
    run 0 "$OCELOT" help "$command"
    same out long
    run 0 "$OCELOT" "$command" -h
    same out long
    run 0 "$OCELOT" "$command" --version
    # Every option of the help is in the man page and in the completion.
    run 0 "$OCELOT" man "$command"
    cp out page
    run 0 "$OCELOT" completion bash
    sed -n 's/^  \(-., \|    \)\(--[a-z0-9-]*\).*/\2/p' long | sort -u >options
    while read -r option; do
        has out "$option"
        has page "$(printf '%s' "$option" | sed 's/-/\\-/g')"
    done <options
done
has long "--help"

# The defaults and ranges stand in the help.
run 0 "$OCELOT" train --help
has out "default"
run 0 "$OCELOT" explain --help
has out "(0 to 0.999999; default 0)"
has out "jsonl, csv, npy, text, libsvm"

# Nearest names.
run 2 "$OCELOT" explain --treads 3 model data
has err "unknown option --treads; did you mean --threads?"
has err "Try 'ocelot explain --help'."
run 2 "$OCELOT" explian model data
has err "did you mean explain?"
run 2 "$OCELOT" explain --only model data
has err "did you mean --only-outliers?"
run 2 "$OCELOT" explain --zzzzzzzzz model data
has err "unknown option --zzzzzzzzz"
lacks err "did you mean"
run 2 "$OCELOT" explain -Z model data
has err "unknown option -Z"
run 2 "$OCELOT" explain model data --threads
has err "--threads needs an argument"
run 2 "$OCELOT" explain model data --threads many
has err "many"
for command in score explain report; do
    run 2 "$OCELOT" $command model data --alpha 1
    has err "--alpha: found '1', expected a number from 0 to 0.999999"
done
run 2 "$OCELOT" explain model data --format yaml
has err "yaml"
run 2 "$OCELOT" explain model data --quiet=yes
has err "--quiet takes no argument"
run 2 "$OCELOT" explain model
has err "usage: explain"
run 2 "$OCELOT" explain model data more
has err 'unexpected argument "more"'
run 2 "$OCELOT" train data
has err "no model file given"
run 2 "$OCELOT" train data -o -
has err "not to standard output"
run 2 "$OCELOT" train data -o model --save-range range --scale-features none
has err "--save-range has nothing to write"
run 2 "$OCELOT" train data -o model --save-range model
has err "one would replace the other"
# Parameters that a kernel lacks.
while read -r kernel parameter value; do
    run 2 "$OCELOT" train data -o model --kernel $kernel --$parameter $value
    has err "the $kernel kernel has no $parameter"
done <<'END'
linear gamma 0.5
rbf power 1.2
laplace degree 2
student coef0 1
sigmoid degree 2
polynomial power 1.2
END
while read -r kernel parameter value; do
    run 1 "$OCELOT" train nowhere.csv -o model --kernel $kernel --$parameter $value
    has err "nowhere.csv"
done <<'END'
rbf gamma 0.5
rbf degree 3
generalised-gaussian power 1.2
polynomial degree 2
polynomial coef0 1
sigmoid coef0 1
END
run 2 "$OCELOT" convert model -
run 2 "$OCELOT" methods nonsense
run 2 "$OCELOT" completion fish

# -- ends the options; a file may begin with a dash.
run 1 "$OCELOT" inspect -- --help
has err "--help"

# The completion completes, the names of all methods and choices too.
"$OCELOT" completion bash >completion.bash
"$OCELOT" methods | sed -n '/^Propagation/q; s/^  \([a-z][a-z-]*\)$/\1/p' >methods.txt
[ "$(wc -l <methods.txt)" -ge 4 ] || fail "methods"
while read -r method; do
    grep -q "explain:--method | explain:-m) words='.*\b$method\b" completion.bash || fail "$method is not completed"
done <methods.txt
bash -c 'source ./completion.bash
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _ocelot_complete_ocelot; echo "${COMPREPLY[@]}"; }
[ "$(complete_words ocelot tr)" = train ] || exit 1
[ "$(complete_words ocelot explain --only)" = --only-outliers ] || exit 1
[ "$(complete_words ocelot explain -f j)" = jsonl ] || exit 1
[ "$(complete_words ocelot explain --format = j)" = jsonl ] || exit 1
[ "$(complete_words ocelot explain --format =)" = "$(complete_words ocelot explain --format "")" ] || exit 1
[ "$(complete_words ocelot train --kernel s)" = "student sigmoid" ] || exit 1
[ "$(complete_words ocelot explain --method dtd)" = "dtd dtd-conserving" ] || exit 1
[ "$(complete_words ocelot explain -m tay)" = taylor ] || exit 1
[ "$(complete_words ocelot explain --aggregate m)" = "max mean mean-share max-share" ] || exit 1
[ -z "$(complete_words ocelot explain --aggregate po)" ] || exit 1
[ "$(complete_words ocelot evaluate --aggregate po)" = point ] || exit 1
[ -z "$(complete_words ocelot explain --threads "")" ] || exit 1
[ "$(complete_words ocelot completion "")" = bash ] || exit 1
touch a-file
[ "$(complete_words ocelot explain -o a-f)" = a-file ] || exit 1' || fail "completion"

# Man pages are clean roff.
if command -v groff >groff.path; then
    for page in "" train score explain evaluate inspect convert methods; do
        "$OCELOT" man $page | groff -man -ww -Tascii -P-cbou >page.text 2>page.warnings || fail "groff"
        [ ! -s page.warnings ] || { cat page.warnings >&2; fail "man page of '$page'"; }
        has page.text "NAME"
    done
fi

# svm-explain, as svm-predict: usage and status 1 without arguments.
run 1 "$SVM_EXPLAIN"
has err "Usage: svm-explain [options] test_file model_file output_file"
run 0 "$SVM_EXPLAIN" --man
has out ".TH \"SVM-EXPLAIN\" 1"
run 0 "$SVM_EXPLAIN" --completion=bash
has out "_ocelot_complete_svm_explain"
has out "words='dtd dtd-conserving "
