#include "read_image.h"

#include <math.h>
#include <stdlib.h>

#include "io/preprocess.h"

static void must(int held)
{
    if (!held)
        abort();
}

void read_image(const uint8_t *data, size_t size)
{
    static const size_t shapes[][3] = {{3, 4, 5}, {1, 7, 3}};
    struct ocelot_image image = {0};
    struct ocelot_error err = {0};
    enum ocelot_status status = ocelot_image_read_memory(data, size, "fuzz", &image, &err);
    must(status == err.status && (status == OCELOT_OK) == (err.message[0] == '\0') && (status == OCELOT_OK) == (image.pixels != NULL));
    must(status != OCELOT_OK || ((image.channels == 1 || image.channels == 3) && image.width > 0 && image.height > 0));
    for (size_t k = 0; status == OCELOT_OK && k < 2 && image.width < 2000 && image.height < 2000; k++) {
        double values[60];
        struct ocelot_image back = {0};
        struct ocelot_preprocess p = *ocelot_preprocess_find(k == 0 ? "cifar10" : "mnist");
        must(ocelot_preprocess_apply(&p, &image, "fuzz", shapes[k], values, NULL) == OCELOT_OK);
        for (size_t i = 0; i < shapes[k][0] * shapes[k][1] * shapes[k][2]; i++)
            must(isfinite(values[i]));
        must(ocelot_preprocess_undo(&p, values, shapes[k], &back, NULL) == OCELOT_OK);
        ocelot_image_free(&back);
    }
    ocelot_image_free(&image);
}
