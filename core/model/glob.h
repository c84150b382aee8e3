/*
 * glob.h: patterns of paths, as clients write them.
 *
 *     *        any characters of one name, also none      ?    one character
 *     [a-z_]   one of these      [!0-9]  one that is none of these      \*  the character itself
 *     **       as a whole name: any number of folders, also none
 *
 * A name that begins with a dot is like any other. A pattern is about the whole path: "*.png" is
 * about the top folder, and all folders are meant with a name "**" before it. To match takes time
 * in proportion to the length of the pattern times that of the path, whatever they are.
 */
#ifndef SG_MODEL_GLOB_H
#define SG_MODEL_GLOB_H

#include <stdbool.h>

/* Is this a pattern? NULL when it is, else a phrase that says what is wrong. It is bounded as a
   path is (sg_path_check in job.h). */
const char *sg_glob_check(const char *pattern);
/* A pattern that has been checked; path: names with one slash between, any bytes. */
bool sg_glob_match(const char *pattern, const char *path);
/* Can anything below that folder match? */
bool sg_glob_reaches(const char *pattern, const char *folder);

#endif
