/* What a report keeps of the data: the most unusual rows in a heap, an even sample of outliers and of scores. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/report.h"

static void free_row(struct ocelot_report_row *row)
{
    if (row) {
        free(row->id);
        free(row->label);
        free(row);
    }
}

static struct ocelot_report_row *copy_row(const struct ocelot_report_row *row, const double *values, size_t width)
{
    size_t bytes = 0;
    bool fits = ocelot_size_multiply(width, sizeof *values, &bytes) && ocelot_size_add(bytes, sizeof *row, &bytes);
    struct ocelot_report_row *copy = fits ? malloc(bytes) : NULL;
    if (!copy) {
        return NULL;
    }
    *copy = *row;
    memcpy(copy->values, values, width * sizeof *values);
    copy->id = row->id ? ocelot_copy_text(row->id, strlen(row->id)) : NULL;
    copy->label = row->label ? ocelot_copy_text(row->label, strlen(row->label)) : NULL;
    if ((row->id && !copy->id) || (row->label && !copy->label)) {
        free_row(copy);
        return NULL;
    }
    return copy;
}

/* Of two rows, whether `a` is the more unusual; equal ones by their place in the data. */
static bool before(const struct ocelot_report_row *a, const struct ocelot_report_row *b)
{
    return a->rank > b->rank || (a->rank == b->rank && a->row < b->row);
}

static void swap(struct ocelot_report_row **heap, size_t a, size_t b)
{
    struct ocelot_report_row *row = heap[a];
    heap[a] = heap[b];
    heap[b] = row;
}

static void sift_down(struct ocelot_report_row **heap, size_t count, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child < 2 * at + 3 && child < count; child++) {
            least = before(heap[least], heap[child]) ? child : least;
        }
        if (least == at) {
            return;
        }
        swap(heap, at, least);
        at = least;
    }
}

static void sift_up(struct ocelot_report_row **heap, size_t at)
{
    while (at > 0 && before(heap[(at - 1) / 2], heap[at])) {
        swap(heap, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static bool keep_best(struct ocelot_report_data *data, const struct ocelot_report_row *row, const double *values, size_t width)
{
    if (data->best_room == 0 || (data->best_count == data->best_room && !before(row, data->best[0]))) {
        return true;
    }
    struct ocelot_report_row *copy = copy_row(row, values, width);
    if (!copy) {
        return false;
    }
    if (data->best_count < data->best_room) {
        data->best[data->best_count] = copy;
        sift_up(data->best, data->best_count++);
    } else {
        free_row(data->best[0]);
        data->best[0] = copy;
        sift_down(data->best, data->best_count, 0);
    }
    return true;
}

/* A number below `bound` by SplitMix64 (Steele, Lea and Flood 2014); the bias of the remainder is below 2^-20 for 2^44 rows. */
static size_t draw(struct ocelot_report_data *data, size_t bound)
{
    uint64_t z = data->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((z ^ (z >> 31)) % bound);
}

/* Algorithm R (Vitter 1985): after n subjects each is in the sample with equal chance. */
static bool keep_sample(struct ocelot_report_data *data, const struct ocelot_report_row *row, const double *values, size_t width)
{
    size_t place = data->sample_count < data->sample_room ? data->sample_count : draw(data, data->subjects + 1);
    if (place >= data->sample_room) {
        return true;
    }
    struct ocelot_report_row *copy = copy_row(row, values, width);
    if (!copy) {
        return false;
    }
    if (place == data->sample_count) {
        data->sample_count++;
    }
    free_row(data->sample[place]);
    data->sample[place] = copy;
    return true;
}

bool ocelot_report_keep(struct ocelot_report_data *data, const struct ocelot_report_row *row, const double *values, size_t width, bool subject)
{
    if (!keep_best(data, row, values, width) || (subject && !keep_sample(data, row, values, width))) {
        return false;
    }
    data->subjects += subject;
    return true;
}

bool ocelot_report_keep_score(struct ocelot_report_data *data, double score)
{
    size_t place = data->seen++;
    if (place >= OCELOT_REPORT_SCORES) {
        place = draw(data, data->seen);
    } else if (place == data->score_count && (place & (place - 1)) == 0) { /* full: twice as much, from 1 on */
        double *more = ocelot_reallocate(data->scores, place ? 2 * place : 1, sizeof *more);
        if (!more) {
            return false;
        }
        data->scores = more;
    }
    if (place < OCELOT_REPORT_SCORES) {
        data->scores[place] = score;
        data->score_count += place == data->score_count;
    }
    return true;
}

static int descending(const void *a, const void *b)
{
    const struct ocelot_report_row *const *x = a, *const *y = b;
    return before(*x, *y) ? -1 : before(*y, *x);
}

static int in_order(const void *a, const void *b)
{
    const struct ocelot_report_row *const *x = a, *const *y = b;
    return ((*x)->row > (*y)->row) - ((*x)->row < (*y)->row);
}

void ocelot_report_sort(struct ocelot_report_data *data)
{
    if (data->best_count) {
        qsort(data->best, data->best_count, sizeof(struct ocelot_report_row *), descending);
    }
    if (data->sample_count) {
        qsort(data->sample, data->sample_count, sizeof(struct ocelot_report_row *), in_order);
    }
}

void ocelot_report_data_free(struct ocelot_report_data *data)
{
    for (size_t k = 0; k < data->best_count; k++) {
        free_row(data->best[k]);
    }
    for (size_t k = 0; k < data->sample_count; k++) {
        free_row(data->sample[k]);
    }
    free(data->best);
    free(data->sample);
    free(data->scores);
    free(data->sum);
    *data = (struct ocelot_report_data){0};
}
