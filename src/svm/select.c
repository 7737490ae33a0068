#include "svm/select.h"

#include <stdbool.h>

static bool before(const struct ocelot_ranked *a, const struct ocelot_ranked *b)
{
    return a->value < b->value || (a->value == b->value && a->index < b->index);
}

static void swap(struct ocelot_ranked *a, struct ocelot_ranked *b)
{
    struct ocelot_ranked t = *a;
    *a = *b;
    *b = t;
}

/* Brings the middle of first, middle and last to the middle. */
static struct ocelot_ranked pivot_of(struct ocelot_ranked *items, size_t first, size_t last)
{
    size_t middle = first + (last - first) / 2;
    if (before(&items[middle], &items[first]))
        swap(&items[middle], &items[first]);
    if (before(&items[last], &items[middle]))
        swap(&items[last], &items[middle]);
    if (before(&items[middle], &items[first]))
        swap(&items[middle], &items[first]);
    return items[middle];
}

/* Hoare's selection. */
void ocelot_select_least(struct ocelot_ranked *items, size_t n, size_t count)
{
    if (count == 0 || count > n)
        return;
    size_t first = 0, last = n - 1;
    while (first < last) {
        struct ocelot_ranked pivot = pivot_of(items, first, last);
        size_t low = first, high = last;
        while (low <= high) {
            while (before(&items[low], &pivot))
                low++;
            while (before(&pivot, &items[high]))
                high--;
            if (low <= high) {
                swap(&items[low], &items[high]);
                low++;
                if (high == 0)
                    break;
                high--;
            }
        }
        if (count - 1 <= high && high < last)
            last = high;
        else if (count - 1 >= low)
            first = low;
        else
            return;
    }
}
