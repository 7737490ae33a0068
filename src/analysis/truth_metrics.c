/* How well one relevance vector ranks the features that were to blame. Every figure is its mean over all orders of equal relevances. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/size.h"
#include "ocelot/truth.h"

/* --- metrics --------------------------------------------------------------------------------------------------------------------- */

static double roc_auc(const struct ocelot_truth_ranking *ranking, size_t k)
{
    double others = (double)(ranking->features - ranking->blamed), right = 0, below = others;
    (void)k;
    for (size_t t = 0; t < ranking->tie_count; t++) {
        double blamed = (double)ranking->ties[t].blamed, rest = (double)ranking->ties[t].features - blamed;
        below -= rest;
        right += blamed * (below + rest / 2);
    }
    return others > 0 ? right / ((double)ranking->blamed * others) : (double)NAN;
}

/* Within a tie of t features, p to blame, each place is held by a blamed one with probability p / t, and if it is, each place before it by another
 * one with probability (p - 1) / (t - 1). */
static double average_precision(const struct ocelot_truth_ranking *ranking, size_t k)
{
    double sum = 0, above = 0, hits = 0;
    (void)k;
    for (size_t t = 0; t < ranking->tie_count; t++) {
        double size = (double)ranking->ties[t].features, blamed = (double)ranking->ties[t].blamed;
        double others = size > 1 ? (blamed - 1) / (size - 1) : 0;
        for (size_t j = 0; blamed > 0 && j < ranking->ties[t].features; j++)
            sum += blamed / size * (hits + 1 + others * (double)j) / (above + (double)j + 1);
        above += size;
        hits += blamed;
    }
    return sum / (double)ranking->blamed;
}

/* Blamed features among the first `places`; the tie that the line runs through counts in proportion. */
static double hits_among(const struct ocelot_truth_ranking *ranking, size_t places)
{
    double hits = 0;
    for (size_t t = 0; t < ranking->tie_count && places > 0; t++) {
        size_t size = ranking->ties[t].features, taken = size < places ? size : places;
        hits += (double)ranking->ties[t].blamed * ((double)taken / (double)size);
        places -= taken;
    }
    return hits;
}

/* k in hundredths of the number of blamed features. */
static double hit_rate(const struct ocelot_truth_ranking *ranking, size_t k)
{
    size_t places = ranking->blamed / 100 * k + ranking->blamed % 100 * k / 100; /* floor, without overflow */
    return hits_among(ranking, places) / (double)ranking->blamed;
}

static double precision_at(const struct ocelot_truth_ranking *ranking, size_t k)
{
    k = k < ranking->features ? k : ranking->features;
    return hits_among(ranking, k) / (double)k;
}

static double discount(size_t rank)
{
    return 1 / log2((double)rank + 1);
}

static double ndcg(const struct ocelot_truth_ranking *ranking, size_t k)
{
    double gain = 0, best = 0;
    size_t rank = 1;
    (void)k;
    for (size_t t = 0; t < ranking->tie_count; t++) {
        double sum = 0;
        for (size_t j = 0; j < ranking->ties[t].features; j++)
            sum += discount(rank++);
        gain += sum * (double)ranking->ties[t].blamed / (double)ranking->ties[t].features;
    }
    for (rank = 1; rank <= ranking->blamed; rank++)
        best += discount(rank);
    return gain / best;
}

const struct ocelot_truth_metric ocelot_truth_metrics[OCELOT_TRUTH_METRICS + 1] = {
    {"roc_auc", "ROC-AUC", "share of pairs (blamed, not blamed) in the right order", 0, roc_auc},
    {"average_precision", "AP", "mean precision down to each blamed feature", 0, average_precision},
    {"hit_rate_100", "HR@100%", "blamed features among the first K, of K", 100, hit_rate},
    {"hit_rate_150", "HR@150%", "blamed features among the first floor(1.5 K), of K", 150, hit_rate},
    {"ndcg", "NDCG", "discounted gain of the blamed features, by its largest value", 0, ndcg},
    {"precision_1", "P@1", "whether the first feature was to blame", 1, precision_at},
    {"precision_3", "P@3", "share of the first three features that was to blame", 3, precision_at},
    {"precision_5", "P@5", "share of the first five features that was to blame", 5, precision_at},
    {.name = NULL},
};

/* --- ranking --------------------------------------------------------------------------------------------------------------------- */

struct item {
    double relevance;
    bool blamed;
};

static int descending(const void *a, const void *b)
{
    const struct item *left = a, *right = b;
    return (left->relevance < right->relevance) - (left->relevance > right->relevance);
}

static size_t tie_up(const struct item *items, size_t features, struct ocelot_truth_tie *ties)
{
    size_t count = 0;
    for (size_t i = 0; i < features; i++) {
        if (i == 0 || items[i].relevance != items[i - 1].relevance)
            ties[count++] = (struct ocelot_truth_tie){0};
        ties[count - 1].features++;
        ties[count - 1].blamed += items[i].blamed;
    }
    return count;
}

enum ocelot_status ocelot_truth_measure(const double *relevance, const bool *blamed, size_t features, double *out, struct ocelot_error *err)
{
    struct item *items = ocelot_allocate(features, sizeof *items);
    struct ocelot_truth_tie *ties = ocelot_allocate(features, sizeof *ties);
    struct ocelot_truth_ranking ranking = {.ties = ties, .features = features};
    enum ocelot_status status = OCELOT_OK;
    if (!items || !ties) {
        status = ocelot_fail_memory(err, "a ranking of features");
        goto done;
    }
    for (size_t i = 0; i < features && !status; i++) {
        if (!isfinite(relevance[i]))
            status = ocelot_fail(err, OCELOT_E_VALUE, "the relevance of feature %zu is %s: only finite ones can be ranked", i,
                                 isnan(relevance[i]) ? "NaN" : "infinite");
        items[i] = (struct item){relevance[i], blamed[i]};
        ranking.blamed += blamed[i];
    }
    if (!status) {
        qsort(items, features, sizeof *items, descending);
        ranking.tie_count = tie_up(items, features, ties);
        for (size_t m = 0; m < OCELOT_TRUTH_METRICS; m++)
            out[m] = ranking.blamed ? ocelot_truth_metrics[m].measure(&ranking, ocelot_truth_metrics[m].k) : (double)NAN;
    }
done:
    free(items);
    free(ties);
    return status;
}
