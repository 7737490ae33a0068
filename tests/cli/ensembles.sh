#!/usr/bin/env bash
# Ensembles: several plain LIBSVM models in one file, whose outlier scores and relevances add up; every member is as good alone.
. "$(dirname "$0")/harness.sh"

make_tables
cut -d, -f2-4 table.csv | tail -n +2 | head -n 300 >plain.csv
for kernel in rbf laplace student; do
    run 0 "$OCELOT" train plain.csv --kernel $kernel --gamma 'scale*0.1,scale,scale*4' -q -o all.model
    run 0 "$OCELOT" score all.model plain.csv -q
    cp out whole.jsonl
    run 0 "$OCELOT" explain all.model plain.csv -q
    cp out explained.jsonl

    # Each member in a file of its own.
    awk '/^svm_type/ { n++ } { print > ("member" n ".model") }' all.model
    [ "$(grep -c '^#ocelot' all.model)" = 3 ] || fail "not three cards"
    sed -i 's/,"ensemble":{[^}]*}//' member1.model # the checksum is of what stands above the card
    for k in 1 2 3; do
        run 0 "$OCELOT" explain member$k.model plain.csv -q
        cp out member$k.jsonl
    done
    check '
fine = load("explained.jsonl")
members = [load("member%d.jsonl" % k) for k in (1, 2, 3)]
assert len(rows) == len(fine) == 300
for r, f, *m in zip(rows, fine, *members):
    score = sum(x["outlier_score"] for x in m)
    # the members are summed in another order than by hand
    assert close(r["outlier_score"], score, 1e-12), (r, score)
    assert r["outlier_score"] == f["outlier_score"] and r["decision_value"] is None
    assert r["is_outlier"] == (r["outlier_score"] > r["threshold"]) == (r["p_value"] <= 0.1), r
    assert close(f["explained"] + f["residual"], score, 1e-9)
    for feature in f["features"]:
        parts = [next(g for g in x["features"] if g["name"] == feature["name"]) for x in m]
        assert close(feature["relevance"], sum(p["relevance"] for p in parts), 1e-9)
        # members speak by their part in the score
        assert close(feature["expected"], sum(p["expected"] * x["outlier_score"] for p, x in zip(parts, m)) / score, 1e-9)
        assert close(feature["nearest"], sum(p["nearest"] * x["outlier_score"] for p, x in zip(parts, m)) / score, 1e-9)
' whole.jsonl

    # Rewriting changes nothing; LIBSVM sees the first member.
    run 0 "$OCELOT" convert all.model again.model
    same all.model again.model
    if [ $kernel = rbf ]; then
        awk -F, '{ printf "0"; for (i = 1; i <= NF; i++) printf " %d:%s", i, $i; print "" }' plain.csv >plain.libsvm
        svm-predict plain.libsvm all.model of-all >/dev/null
        svm-predict plain.libsvm member1.model of-first >/dev/null
        same of-all of-first
    fi
done
run 0 "$OCELOT" inspect all.model
has out "the sum of 3 members"

# Broken files say what is wrong.
cat all.model member2.model >more.model
run 1 "$OCELOT" score more.model plain.csv
has err "found another model, expected the end of the file, as the first card counts 3"
awk '/^svm_type/ { n++ } n < 3' all.model >less.model
run 1 "$OCELOT" score less.model plain.csv
has err "found the end of the file behind 2 models, expected 3"
cat member2.model member3.model >loose.model
run 1 "$OCELOT" score loose.model plain.csv
has err "found another model, expected the end of the file, as the first card counts 1"
run 2 "$OCELOT" train plain.csv --gamma 'scale,,auto' -o never.model
has err "expected one to 64 widths with commas between them"
run 1 "$OCELOT" train plain.csv --kernel polynomial --gamma 'scale,auto' -o never.model
has err "polynomial is none"
run 0 "$OCELOT" train plain.csv --holdout 0 --gamma 'scale,auto' -q -o open.model
run 0 "$OCELOT" score open.model plain.csv -q
check '
assert all(r["threshold"] is None and not r["is_outlier"] for r in rows)
' out
