/* Paths that a file names relative to its own folder, so that the two can be moved together. By the letters alone: links are not followed. */
#ifndef OCELOT_SVM_PATH_H
#define OCELOT_SVM_PATH_H

/* How `file` names `path`: relative to the folder of `file`, or as it is where it begins with '/'. Both are relative to the working directory. The
 * caller frees the string; NULL when out of memory. */
char *ocelot_path_beside(const char *file, const char *path);

/* The reverse: where what `file` names `stored` is. The caller frees it; NULL when out of memory. */
char *ocelot_path_from(const char *file, const char *stored);

#endif
